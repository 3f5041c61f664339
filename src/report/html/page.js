
(function () {
  "use strict";
  var by = function (id) { return document.getElementById(id); };
  var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };
  var form = by("filter");
  addEventListener("beforeprint", function () { all("details").forEach(function (one) { one.open = true; }); });
  if (!form) { return; }
  var rows = all(".finding").map(function (row) {
    return { row: row, text: row.textContent.toLowerCase(), path: row.dataset.path.toLowerCase() };
  });
  function apply() {
    var text = by("by-text").value.trim().toLowerCase();
    var path = by("by-path").value.trim().toLowerCase();
    var severity = by("by-severity").value;
    var family = by("by-family").value;
    var shown = 0;
    rows.forEach(function (one) {
      var data = one.row.dataset;
      var fits = one.text.indexOf(text) >= 0 && one.path.indexOf(path) >= 0 &&
        (!severity || data.severity === severity) && (!family || data.family === family);
      one.row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    by("count").textContent = shown + " of " + rows.length + " shown";
    by("none").hidden = shown > 0;
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  by("open").addEventListener("click", function () {
    var open = by("open").textContent === "Open all";
    all(".finding details").forEach(function (one) { one.open = open; });
    by("open").textContent = open ? "Close all" : "Open all";
  });
  form.hidden = false;
  apply();
})();
