"use strict";
// Filters the findings. What is read on the page does not need it.
(() => {
  const FIRST = 1000; // as many findings of one group are laid out at once without being felt
  const SHOWN = 100; // groups are opened as long as they show no more together; the first up to FIRST
  const WAIT = 120; // milliseconds without a key before the filter looks

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  open();

  const form = document.getElementById("filter");
  if (!form) return;
  const text = document.getElementById("filter-text");
  const severity = document.getElementById("filter-severity");
  const place = document.getElementById("filter-check");
  const status = document.getElementById("filter-count");

  const index = () => [...document.querySelectorAll(".of-check")].map((section) => ({
    section,
    places: ["", "gate:" + section.dataset.gate, "check:" + section.dataset.check],
    groups: [...section.querySelectorAll("details.group")].map((group) => {
      const label = group.querySelector("summary code").textContent;
      return {
        group,
        open: group.open,
        count: group.querySelector("[data-total]"),
        findings: [...group.querySelectorAll("li")].map((row) => ({
          row,
          severity: row.dataset.severity,
          text: (label + ":" + row.textContent).toLowerCase(),
        })),
      };
    }),
  }));

  const select = (findings, fits) => {
    let found = 0;
    for (const finding of findings) {
      const hide = !fits(finding);
      if (finding.row.hidden !== hide) finding.row.hidden = hide;
      if (!hide) found += 1;
    }
    return found;
  };

  const wanted = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (finding) => (severity.value === "" || finding.severity === severity.value)
      && words.every((word) => finding.text.includes(word));
    return { active: words.length > 0 || severity.value !== "" || place.value !== "", fits };
  };

  let sections = null;
  const filter = () => {
    sections ??= index();
    const { active, fits } = wanted();
    let shown = 0;
    let total = 0;
    for (const { section, places, groups } of sections) {
      const here = places.includes(place.value);
      const before = shown;
      for (const { group, open, count, findings } of groups) {
        const found = select(findings, (finding) => here && fits(finding));
        group.hidden = found === 0;
        group.classList.toggle("few", found <= FIRST);
        group.open = active ? found > 0 && shown + found <= (shown ? SHOWN : FIRST) : open;
        count.textContent = found === findings.length ? found : `${found} of ${findings.length}`;
        shown += found;
        total += findings.length;
      }
      section.hidden = shown === before;
    }
    const all = total.toLocaleString("en");
    status.textContent = active
      ? `${shown.toLocaleString("en")} of ${all} findings` : `${all} findings`;
  };

  let timer = 0;
  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(filter, wait);
  };
  form.addEventListener("input", () => soon(WAIT));
  form.addEventListener("change", () => soon(0));
  form.addEventListener("reset", () => soon(0));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
  const counts = document.querySelectorAll(".of-check [data-total]");
  const total = [...counts].reduce((sum, each) => sum + Number(each.dataset.total), 0);
  status.textContent = `${total.toLocaleString("en")} findings`;
  form.hidden = false;
})();
