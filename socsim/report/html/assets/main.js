const data = JSON.parse(document.getElementById("data").textContent);
const choose = makeTable(data);
drawRoofline(data, choose);
drawSeries(data.windows);
drawTimeline(data.timeline);
// A printed page shows everything that the screen folds away.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("#configuration details, #trust details")) details.open = true;
});
