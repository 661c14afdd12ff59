// Runs SQL over a Perfetto trace with the real trace processor, without a browser and without a server.
// usage: node perfetto_query.mjs ASSETS TRACE SQL...      prints one JSON object per row: {"query": N, "row": {...}}
//
// ASSETS is the folder with trace_processor.wasm, engine_bundle.node.js (made for a web worker) and engine.mjs (its
// client). The worker's code runs here as a function whose parameters stand for the worker's globals.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

const [assets, trace, ...queries] = process.argv.slice(2);
const asset = (name) => path.join(path.resolve(assets), name);

class FileRequest {
  open(_method, name) {
    this.name = path.basename(name);
  }
  send() {
    const file = readFileSync(asset(this.name));
    this.response = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
    this.status = 200;
  }
}

const worker = { location: { href: pathToFileURL(asset("engine_bundle.node.js")).href } };
const workerGlobals = {
  process: undefined,
  require: undefined,
  self: worker,
  WorkerGlobalScope: function () {},
  XMLHttpRequest: FileRequest,
  console: { ...console, log: () => {}, warn: () => {}, error: () => {} },
  // Google's build prefers 64-bit memory; the package ships the 32-bit binary only.
  WebAssembly: new Proxy(WebAssembly, {
    get: (target, key) =>
      key === "Module"
        ? class extends target.Module {
            constructor(bytes) {
              const asksFor64Bit = bytes.byteLength < 64 && bytes[8] === 5 && bytes[11] === 4;
              if (asksFor64Bit) throw new Error("no 64-bit memory here");
              super(bytes);
            }
          }
        : target[key],
  }),
};
const bundle = readFileSync(asset("engine_bundle.node.js"), "utf8");
vm.compileFunction(bundle, Object.keys(workerGlobals))(...Object.values(workerGlobals));

const { EngineBase } = await import(pathToFileURL(asset("engine.mjs")).href);
const port = { postMessage: (data) => engine.onRpcResponseBytes(data) };
class LocalEngine extends EngineBase {
  id = "local";
  mode = "WASM";
  rpcSendRequestBytes(data) {
    port.onmessage({ data });
  }
  [Symbol.dispose]() {}
}
const engine = new LocalEngine();
worker.onmessage({ data: port });
await new Promise((resolve) => setTimeout(resolve, 0)); // the runtime announces itself in a microtask

await engine.parse(new Uint8Array(readFileSync(trace)));
await engine.notifyEof();
for (const [number, query] of queries.entries()) {
  const result = await engine.query(query);
  const columns = result.columns();
  for (const row = result.iter({}); row.valid(); row.next()) {
    const values = columns.map((name) => {
      const value = row.get(name);
      return [name, typeof value === "bigint" ? Number(value) : value];
    });
    console.log(JSON.stringify({ query: number, row: Object.fromEntries(values) }));
  }
}
process.exit(0);
