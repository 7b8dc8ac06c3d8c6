/* «Near me»: the browser says where it is, to about a kilometre, and the catalogue looks around that place. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-near-me]");
    if (!button) return;
    const failed = () => { button.disabled = false; window.portal?.toast?.(button.dataset.failed); button.title = button.dataset.failed; };
    if (!navigator.geolocation) { failed(); return; }
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const address = new URL(window.location.href);
      for (const name of ["town", "page", "at", "zoom", "centre"]) address.searchParams.delete(name);
      address.searchParams.set("near", `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`);
      if (!address.searchParams.get("km")) address.searchParams.set("km", "30");
      window.location.assign(address);
    }, failed, { timeout: 10000, maximumAge: 600000 });
  });
})();
