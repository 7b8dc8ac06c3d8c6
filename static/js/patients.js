/* Pages of patients and referrals: filters that fold on a telephone, lists that are picked from with the arrows. */
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const narrow = window.matchMedia("(max-width: 900px)").matches;
    document.querySelectorAll("details[data-fold]").forEach((fold) => { fold.open = !narrow; });
  });
})();
