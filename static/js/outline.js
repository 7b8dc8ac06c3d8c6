/* Drawing an outline on the site plan: each click is a corner; the text beside it is what is sent. */
(() => {
  "use strict";
  const plan = document.querySelector("[data-outline-plan]");
  const field = document.querySelector("[data-outline]");
  if (!plan || !field) return;
  const { scale, left, top } = Object.fromEntries(Object.entries(plan.dataset).map(([name, value]) => [name, Number(value)]));
  const drawn = plan.querySelector("[data-outline-drawn]");
  const degrees = (radians) => (radians * 180) / Math.PI;
  const northing = (lat) => degrees(Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)));
  const place = ([lon, lat]) => [lon * scale - left, top - northing(lat) * scale];
  const corner = (x, y) => [
    Number(((x + left) / scale).toFixed(7)),
    Number(degrees(2 * Math.atan(Math.exp((((top - y) / scale) * Math.PI) / 180)) - Math.PI / 2).toFixed(7)),
  ];

  /** The rings of the one polygon in a geometry, a feature or a collection. */
  const rings = (data) => {
    if (data.type === "FeatureCollection") return rings(data.features[0]);
    if (data.type === "Feature") return rings(data.geometry);
    return data.type === "MultiPolygon" ? data.coordinates[0] : data.coordinates;
  };
  /** The corners in the text, without the one that closes the ring; none where it is not an outline. */
  const read = () => {
    try {
      const ring = rings(JSON.parse(field.value))[0].map(([lon, lat]) => [lon, lat]);
      const [first, last] = [ring[0], ring[ring.length - 1]];
      return ring.length > 1 && first[0] === last[0] && first[1] === last[1] ? ring.slice(0, -1) : ring;
    } catch { return []; }
  };
  const show = () => {
    const points = read().map(place);
    drawn.setAttribute("d", points.length ? `M${points.map((point) => point.join(" ")).join("L")}${points.length > 2 ? "z" : ""}${points.map(([x, y]) => `M${x - 4} ${y}h8m-4 -4v8`).join("")}` : "");
  };
  const write = (corners) => {
    field.value = corners.length ? JSON.stringify({ type: "Polygon", coordinates: [corners.length > 2 ? [...corners, corners[0]] : corners] }) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  plan.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(plan.getScreenCTM().inverse());
    write([...read(), corner(point.x, point.y)]);
  });
  document.querySelector("[data-outline-undo]")?.addEventListener("click", () => write(read().slice(0, -1)));
  document.querySelector("[data-outline-clear]")?.addEventListener("click", () => write([]));
  // What was wrong is no longer pointed at once the outline is changed.
  field.addEventListener("input", () => { plan.querySelector("[data-outline-fault]")?.remove(); show(); });
  show();
})();
