"use strict";
// Pictures of a run: the pointer, or a key, shows the figures of a moment, in all pictures of that group at once.
(() => {
  const groups = new Map();

  const make = (plot) => {
    const canvas = plot.querySelector(".canvas"), chart = canvas.querySelector(".chart");
    const places = chart.dataset.places.split(" ").map(Number), moments = chart.dataset.moments.split("|");
    const lines = [...chart.querySelectorAll("[data-said]")].reverse()
      .map((line) => [line.dataset.name, line.dataset.said.split("|")]);
    const now = document.createElementNS("http://www.w3.org/2000/svg", "line");
    now.setAttribute("class", "now");
    for (const [name, value] of [["x1", 0], ["x2", 0], ["y1", 0], ["y2", "100%"]]) now.setAttribute(name, value);
    now.style.display = "none";
    chart.querySelector(".inner").append(now);
    const said = document.createElement("p");
    said.className = "figure-now";
    canvas.after(said);
    const scrub = document.createElement("div");
    scrub.className = "scrub";
    scrub.tabIndex = 0;
    const facts = { role: "slider", "aria-label": chart.querySelector("title").textContent, "aria-valuemin": 0,
      "aria-valuemax": places.length - 1, "aria-valuenow": 0, "aria-valuetext": moments[0] };
    for (const [name, value] of Object.entries(facts)) scrub.setAttribute(name, value);
    canvas.append(scrub);
    const it = { at: -1 };

    it.show = (at) => {
      it.at = at;
      now.style.display = at < 0 ? "none" : "";
      if (at < 0) { said.textContent = ""; return; }
      for (const name of ["x1", "x2"]) now.setAttribute(name, places[at]);
      said.textContent = `${moments[at]}: ${lines.map(([name, figures]) => `${name} ${figures[at]}`.trim()).join(", ")}`;
      scrub.setAttribute("aria-valuenow", at);
      scrub.setAttribute("aria-valuetext", said.textContent);
    };

    const everywhere = (at) => { for (const each of plot.dataset.group ? groups.get(plot.dataset.group) : [it]) each.show(at); };
    const nearest = (event) => {
      const box = scrub.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * 1000;
      return places.reduce((best, place, n) => Math.abs(place - x) < Math.abs(places[best] - x) ? n : best, 0);
    };
    scrub.addEventListener("pointermove", (event) => everywhere(nearest(event)));
    scrub.addEventListener("pointerdown", (event) => everywhere(nearest(event)));
    scrub.addEventListener("pointerleave", () => { if (document.activeElement !== scrub) everywhere(-1); });
    scrub.addEventListener("focus", () => { if (it.at < 0 && scrub.matches(":focus-visible")) everywhere(0); });
    scrub.addEventListener("blur", () => everywhere(-1));
    scrub.addEventListener("keydown", (event) => {
      const last = places.length - 1, far = Math.ceil(places.length / 10);
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far, Home: -last, End: last }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      everywhere(Math.min(last, Math.max(0, it.at + step)));
    });
    return it;
  };

  for (const plot of document.querySelectorAll(".plot")) {
    const group = plot.dataset.group, it = make(plot);
    if (group) groups.set(group, [...(groups.get(group) ?? []), it]);
  }
})();
