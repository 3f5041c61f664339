// The same walk over an audit log in Node, as plain as it can be: for comparison in benches/audit.py.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

let running = "0".repeat(64);
let entries = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[2]), crlfDelay: Infinity })) {
  if (line === "") continue;
  const entry = JSON.parse(line);
  const { seq, ts, type, severity, summary, details, actor, session, channel, prevHash } = entry;
  const text = JSON.stringify({ seq, ts, type, severity, summary, details, actor, session, channel, prevHash });
  const hash = createHash("sha256").update(text, "utf8").digest("hex");
  if (prevHash !== running || hash !== entry.hash) throw new Error(`entry ${entry.seq}`);
  running = hash;
  entries += 1;
}
console.log(`${entries} ${running}`);
