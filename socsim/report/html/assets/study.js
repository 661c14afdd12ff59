const choosePoint = makeTable();
drawParallel();
drawScatter(choosePoint);
drawHeatMap();
if (data.growth) drawGrowth(data.growth);
kept.changed();
