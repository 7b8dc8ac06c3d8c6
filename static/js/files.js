/* Forms that send files (data-upload): how much has gone, and files that are dropped onto the form. Without scripts the
   form is sent as any other. */
(() => {
  "use strict";
  const formOf = (event) => (event.target.closest ? event.target.closest("[data-upload]") : null);

  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = formOf(event);
    const bar = form && form.querySelector("[data-upload-progress]");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((100 * event.detail.loaded) / event.detail.total);
  });

  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    const form = formOf(event);
    if (!form || !carriesFiles(event)) return;
    event.preventDefault();
    form.classList.add("is-target");
  });
  document.addEventListener("dragleave", (event) => {
    const form = formOf(event);
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("is-target");
  });
  document.addEventListener("drop", (event) => {
    const form = formOf(event);
    const field = form && form.querySelector("input[type=file]");
    if (!field || !carriesFiles(event)) return;
    event.preventDefault();
    form.classList.remove("is-target");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
