const data = JSON.parse(document.getElementById("data").textContent);
const table = makeTable(data, draw);
function draw() {
  drawRoofline(data, table.shown(), table.choose);
}
draw();
drawSeries(data.windows);
drawTimeline(data.timeline);
