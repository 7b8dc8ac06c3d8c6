/* The grid of times: arrows walk it like a sheet. Countdown of a hold. */
(() => {
  "use strict";
  const columns = (table) => {
    const result = [];
    table.querySelectorAll("tbody tr").forEach((row) => [...row.querySelectorAll("td")].forEach((cell, index) => {
      result[index] = (result[index] || []).concat([...cell.querySelectorAll("button.slot, a.slot")]);
    }));
    return result;
  };
  document.addEventListener("keydown", (event) => {
    const slot = event.target.closest("[data-slots] .slot");
    if (!slot || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const grid = columns(slot.closest("[data-slots]"));
    const x = grid.findIndex((column) => column.includes(slot));
    const y = grid[x].indexOf(slot);
    let target = null;
    if (event.key === "ArrowDown") target = grid[x][y + 1];
    if (event.key === "ArrowUp") target = grid[x][y - 1];
    const step = event.key === "ArrowRight" ? 1 : -1;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      for (let next = x + step; next >= 0 && next < grid.length && !target; next += step) target = grid[next][Math.min(y, grid[next].length - 1)];
    }
    if (target) target.focus();
  });

  const tick = () => document.querySelectorAll("[data-countdown]").forEach((box) => {
    const until = Date.parse(box.dataset.countdown);
    const left = Math.max(0, Math.round((until - Date.now()) / 1000));
    const text = box.querySelector("[data-countdown-text]");
    if (!box.dataset.span) {
      const ring = box.querySelector(".ring__value");
      const length = ring ? Number(ring.getAttribute("stroke-dasharray").split(" ")[0]) : 0;
      const fraction = ring ? 1 - Number(ring.getAttribute("stroke-dashoffset")) / length : 1;
      box.dataset.span = String(fraction > 0 ? left / fraction : left);
    }
    const hours = Math.floor(left / 3600), two = (number) => String(number).padStart(2, "0");
    if (text) text.textContent = hours ? `${hours}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}` : `${Math.floor(left / 60)}:${two(left % 60)}`;
    const ring = box.querySelector(".ring__value");
    if (ring) {
      const length = Number(ring.getAttribute("stroke-dasharray").split(" ")[0]);
      ring.setAttribute("stroke-dashoffset", String(length * (1 - left / Math.max(1, Number(box.dataset.span)))));
    }
    if (left === 0 && !box.classList.contains("is-over")) {
      box.classList.add("is-over");
      const note = box.querySelector("[data-countdown-note]");
      if (note && box.dataset.over) note.textContent = box.dataset.over;
      if (window.portal) window.portal.announce(box.dataset.over || "");
      box.dispatchEvent(new CustomEvent("portal:over", { bubbles: true }));
    }
  });
  /* A time is often kept by htmx, on a page that came without one: the clock starts with the first that is seen. */
  let running = 0;
  const start = () => { tick(); if (!running && document.querySelector("[data-countdown]")) running = setInterval(tick, 1000); };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);
})();
