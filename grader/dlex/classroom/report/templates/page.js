"use strict";
// The page is whole without this: it only sorts and filters the table of marks.
for (const table of document.querySelectorAll("table.marks")) {
  const body = table.tBodies[table.tBodies.length - 1];
  const rows = [...body.rows];
  const names = new Map(rows.map((row) => [row, row.cells[0].textContent.toLowerCase()]));
  const tools = document.querySelector(".tools");
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = tools.dataset.filter;
  input.setAttribute("aria-label", tools.dataset.filter);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !names.get(row).includes(wanted);
  });
  const hint = document.createElement("span");
  hint.className = "soft small";
  hint.textContent = tools.dataset.sort;
  tools.append(input, hint);
  const value = (row, column) => {
    const found = parseFloat(row.cells[column].textContent);
    return Number.isNaN(found) ? -1 : found;
  };
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    heading.setAttribute("aria-sort", "none");
    heading.tabIndex = 0;
    const sort = () => {
      // Names from A, marks from the best: what is looked for first.
      const before = heading.getAttribute("aria-sort");
      const falling = column ? before !== "descending" : before === "ascending";
      const factor = falling ? -1 : 1;
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const order = column
        ? (a, b) => value(a, column) - value(b, column)
        : (a, b) => names.get(a).localeCompare(names.get(b));
      rows.sort((a, b) => factor * order(a, b));
      body.append(...rows);
    };
    heading.addEventListener("click", sort);
    heading.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        sort();
      }
    });
  });
}
