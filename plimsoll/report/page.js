"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("article.row")];
  const groups = [...document.querySelectorAll("section.group")];
  const boxes = [...document.querySelectorAll("#controls input[name=outcome]")];
  const search = $("search"), area = $("area"), shown = $("shown"), reset = $("reset"), keys = $("keys");
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const row of rows) {
      const fits = wanted.has(row.dataset.outcome) && (!area.value || row.dataset.area === area.value)
        && words.every((word) => text(row).includes(word));
      row.hidden = !fits;
      count += fits;
    }
    for (const group of groups) {
      const left = group.querySelectorAll("article.row:not([hidden])").length;
      group.hidden = left === 0;
      group.querySelector("h2 span").textContent = left;
    }
    const narrowed = words.length > 0 || area.value !== "" || wanted.size < boxes.length;
    reset.hidden = !narrowed;
    shown.textContent = narrowed ? `${count} of ${rows.length} shown` : rows.length === 1 ? "1 promise" : `${rows.length} promises`;
    return narrowed;
  };

  // The state lives in the address, so that a link or a reload shows the same rows: #area=headers&outcome=fail&q=hsts
  const keep = () => {
    const narrowed = apply();
    const state = new URLSearchParams();
    if (area.value) state.set("area", area.value);
    if (boxes.some((box) => !box.checked)) state.set("outcome", boxes.filter((b) => b.checked).map((b) => b.value).join(","));
    if (search.value.trim()) state.set("q", search.value.trim());
    history.replaceState(null, "", narrowed ? `#${state}` : location.pathname + location.search);
  };

  const clear = () => {
    search.value = "";
    area.value = "";
    for (const box of boxes) box.checked = true;
  };

  const show = (row) => {
    if (row.hidden) { clear(); apply(); }
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "start" });
    row.querySelector("summary").focus({ preventScroll: true });
  };

  const restore = () => {
    const hash = location.hash.slice(1);
    if (!/^(area|outcome|q)=/.test(hash)) {
      let target = null;
      try { target = hash && $(decodeURIComponent(hash)); } catch { /* not an address of ours */ }
      if (!reset.dataset.ready) apply();
      reset.dataset.ready = "yes";
      if (target && target.matches("article.row")) show(target);
      return;
    }
    const state = new URLSearchParams(hash);
    search.value = state.get("q") ?? "";
    area.value = state.get("area") ?? "";
    if (area.selectedIndex < 0) area.value = "";
    const outcomes = state.has("outcome") ? state.get("outcome").split(",") : boxes.map((box) => box.value);
    for (const box of boxes) box.checked = outcomes.includes(box.value);
    reset.dataset.ready = "yes";
    apply();
  };

  const move = (step) => {
    const visible = rows.filter((row) => !row.hidden);
    const here = visible.indexOf(document.activeElement.closest("article.row"));
    const next = visible[here < 0 ? (step > 0 ? 0 : visible.length - 1) : here + step];
    if (!next) return;
    next.querySelector("summary").focus();
    next.querySelector("summary").scrollIntoView({ block: "nearest" });
  };

  search.addEventListener("input", keep);
  area.addEventListener("change", keep);
  for (const box of boxes) box.addEventListener("change", keep);
  reset.addEventListener("click", () => { clear(); keep(); search.focus(); });
  $("help").addEventListener("click", () => keys.showModal());
  addEventListener("hashchange", restore);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.key === "Escape" && event.target === search) search.blur();
    if (event.target.matches("input[type=search], select")) return;
    const act = { "/": () => search.focus(), j: () => move(1), k: () => move(-1), "?": () => keys.showModal() }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // Paper cannot be clicked: everything is opened for printing, and folded again as it was.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });

  $("controls").hidden = false;
  restore();
})();
