/* Forms: one submission at a time; drafts that save themselves (form[data-autosave]); text areas that grow;
   leaving a form that was typed into and not saved is asked about (form[data-guard]). */
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    delete form.dataset.dirty;
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  /* data-autosave="address": what is typed goes there 1.5 s after the last key. The answer's JSON {"saved": "text"}
     is shown in [data-autosave-state]; without a connection the text waits in the form and is tried again. */
  const timers = new WeakMap();
  const state = (form, text, failed) => {
    const place = document.querySelector(form.dataset.autosaveState || "[data-autosave-state]");
    if (place) { place.textContent = text; place.classList.toggle("danger", Boolean(failed)); }
  };
  const save = async (form) => {
    const meta = document.querySelector('meta[name="csrf-token"]');
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRFToken": meta ? meta.content : "" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.json();
      delete form.dataset.dirty;
      state(form, data.saved || "");
    } catch (error) {
      state(form, form.dataset.autosaveFailed || "…", true);
      timers.set(form, setTimeout(() => save(form), 8000));
    }
  };
  const typed = (event) => {
    const form = event.target.form || event.target.closest("form");
    if (!form) return;
    form.dataset.dirty = "1";
    if (!form.dataset.autosave) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 1500));
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") document.querySelectorAll("form[data-autosave][data-dirty]").forEach(save);
  });
  window.addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-guard][data-dirty]:not([data-sent])")) event.preventDefault(); });

  /* A text area grows with its text. */
  const grow = (area) => { if (area.scrollHeight > area.clientHeight + 2) area.style.height = `${Math.min(area.scrollHeight + 2, 480)}px`; };
  document.addEventListener("input", (event) => { if (event.target.matches("textarea")) grow(event.target); });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("textarea").forEach(grow));

  /* data-show="name=value": shown only while that choice is made (and then taken from the tab order by `hidden`). */
  const reveal = () => document.querySelectorAll("[data-show]").forEach((part) => {
    const [name, wanted] = part.dataset.show.split("=");
    const form = part.closest("form");
    const chosen = form ? new FormData(form).getAll(name) : [];
    part.hidden = !wanted.split("|").some((value) => chosen.includes(value));
  });
  document.addEventListener("change", reveal);
  document.addEventListener("DOMContentLoaded", reveal);
  document.addEventListener("htmx:afterSettle", reveal);
})();
