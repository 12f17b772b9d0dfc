// Tables that sort, and the words of a mark for those who touch it. All else works without.
"use strict";

(() => {
  const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, k: 1e3, M: 1e6, G: 1e9 };

  // "10.4 ms" is 0.0104, "9.62k/s" is 9620; what is no number comes last.
  function valueOf(text) {
    const found = /^[~x+\s]*(-?[\d,]*\.?\d+(?:e[+-]?\d+)?)\s*([A-Za-z]*)/.exec(text);
    return found ? Number(found[1].replaceAll(",", "")) * (units[found[2]] ?? 1) : NaN;
  }

  function compare(a, b, down) {
    const x = valueOf(a), y = valueOf(b), sign = down ? -1 : 1;
    if (isNaN(x) && isNaN(y)) return sign * a.localeCompare(b);
    return isNaN(x) ? 1 : isNaN(y) ? -1 : sign * (x - y);
  }

  function sort(head, column) {
    const body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    const text = (row) => row.cells[column].textContent.trim();
    const rows = [...body.rows].sort((a, b) => compare(text(a), text(b), down));
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  }

  for (const row of document.querySelectorAll("thead tr")) {
    if (row.closest("table").tBodies[0].rows.length < 2) continue;
    [...row.cells].forEach((head, column) => {
      if (head.textContent === "") return;
      const button = document.createElement("button");
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head, column));
      head.append(button);
    });
  }

  const tip = document.getElementById("tip");
  document.addEventListener("pointerup", (event) => {
    const mark = event.pointerType === "touch" && event.target.closest("svg g:has(> title)");
    tip.hidden = !mark;
    tip.textContent = mark ? mark.querySelector("title").textContent : "";
  });
})();
