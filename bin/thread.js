"use strict";
// Where a thread of the program begins: it is handed the chunk that it runs.
const { workerData } = require("node:worker_threads");
require("./code-cache.js")(workerData.dist, workerData.entry, "")(workerData.entry);
