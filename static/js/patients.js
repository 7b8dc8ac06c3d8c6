/* Pages of patients and referrals: lists picked from with the arrows, clinics as
   radio cards, the distance beside its slider, errors brought into view. */
(() => {
  "use strict";
  const show = () => { const place = document.querySelector("[data-scroll-here]"); if (place) place.scrollIntoView({ block: "nearest" }); };
  const reveal = () => {
    const list = document.querySelector(".panes__list");
    const row = list && list.querySelector(".is-selected");
    if (row && row.offsetTop + row.offsetHeight > list.clientHeight - 80) list.scrollTop = row.offsetTop - list.clientHeight / 3;
  };
  document.addEventListener("DOMContentLoaded", () => { show(); reveal(); });
  document.addEventListener("htmx:afterSettle", () => { show(); });

  /* A menu closes behind the dialog that its line opens. */
  document.addEventListener("htmx:beforeRequest", (event) => { const menu = event.target.closest("details.dropdown[open]"); if (menu) menu.open = false; });

  /* A search box and the people found below it: arrows walk down from the box and back, Enter presses the button. */
  const choices = (list) => [...list.querySelectorAll("button, a")];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const box = event.target.closest("[data-pick-from]");
    if (box && event.key === "ArrowDown") {
      const place = document.getElementById(box.dataset.pickFrom);
      const first = place && (choices(place.querySelector("[data-pick-list]") || document.createElement("div"))[0] || place.querySelector("[data-pick-next]"));
      if (first) { event.preventDefault(); first.focus(); }
      return;
    }
    const list = event.target.closest("[data-pick-list]");
    if (!list) return;
    event.preventDefault();
    const all = choices(list);
    const at = all.indexOf(event.target.closest("button, a")) + (event.key === "ArrowDown" ? 1 : -1);
    if (at < 0) { const search = document.querySelector("[data-pick-from]"); if (search) search.focus(); } else if (all[at]) { all[at].focus(); } else { const next = document.querySelector("[data-pick-next]"); if (next) next.focus(); }
  });

  /* A clinic's radio opens its times; Enter on it goes to the first of them. */
  document.addEventListener("change", (event) => {
    const radio = event.target.closest("input[type=radio][data-href]");
    if (radio) document.getElementById(radio.getAttribute("aria-labelledby")).click();
  });
  document.addEventListener("keydown", (event) => {
    const radio = event.target.closest("input[type=radio][data-href]");
    if (!radio || event.key !== "Enter") return;
    const slot = radio.closest(".choice").querySelector("button.slot, .choice__body button");
    if (slot) { event.preventDefault(); slot.focus(); }
  });

  document.addEventListener("input", (event) => {
    const slider = event.target.closest("[data-distances]");
    if (!slider) return;
    const km = slider.dataset.distances.split(" ")[Number(slider.value)];
    const words = km ? slider.dataset.unit.replace("%s", km) : slider.dataset.any;
    slider.setAttribute("aria-valuetext", words);
    document.querySelector("[data-distance]").textContent = words;
  });
})();
