// Reads events of subunit version 2 from standard input and writes each as a JSON object.
//
// Whatever is no intact packet is left out: text, torn and damaged packets. The search goes on one byte later.
const fs = require("fs");

const STATUSES = [undefined, "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"];
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const TABLE = Uint32Array.from({ length: 256 }, (_, sum) => {
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});
const crc32 = (bytes) => ~bytes.reduce((sum, byte) => (sum >>> 8) ^ TABLE[(sum ^ byte) & 0xff], ~0) >>> 0;

// The bytes of a packet between its length and its checksum.
class Fields {
  constructor(content) {
    this.content = content;
    this.at = 0;
  }
  take(length) {
    const taken = this.content.subarray(this.at, this.at + length);
    if (taken.length < length) throw new RangeError("a field runs past the end");
    this.at += length;
    return taken;
  }
  number() {
    const first = this.take(1)[0];
    return this.take(first >> 6).reduce((number, byte) => number * 256 + byte, first & 0x3f);
  }
  text() {
    const text = UTF8.decode(this.take(this.number()));
    if (text.includes("\0")) throw new RangeError("a text holds a NUL");
    return text;
  }
}

function event(flags, fields) {
  const said = { type: "event", runnable: !!(flags & 0x0100), eof: !!(flags & 0x0010) };
  if (flags & 0x0200) {
    let [seconds, nanoseconds] = [fields.take(4).readUInt32BE(), fields.number()];
    if (nanoseconds >= 1e9) [seconds, nanoseconds] = [seconds + 1, nanoseconds - 1e9];
    const second = new Date(seconds * 1000).toISOString().slice(0, 19);
    said.timestamp = `${second}.${String(nanoseconds).padStart(9, "0")}Z`;
  }
  if (flags & 0x0800) said.test_id = fields.text();
  if (flags & 0x0080) {
    said.tags = [];
    for (let left = fields.number(); left > 0; left--) said.tags.push(fields.text());
  }
  if (flags & 0x0020) said.mime_type = fields.text();
  if (flags & 0x0040) {
    said.file_name = fields.text();
    const content = fields.take(fields.number());
    try {
      said.file_bytes = UTF8.decode(content);
    } catch {
      said.file_base64 = content.toString("base64");
    }
  }
  if (flags & 0x0400) said.route_code = fields.text();
  if (flags & 0x0007) said.status = STATUSES[flags & 0x0007];
  return said;
}

// The event of the packet that begins at this byte, and where it ends. Throws if there is none.
function packet(stream, at) {
  const flags = (stream[at + 1] << 8) | stream[at + 2];
  const head = new Fields(stream.subarray(at + 3, at + 6));
  const end = at + head.number();
  const is_packet = flags >> 12 === 2 && !(flags & 8) && at + 7 + head.at <= end && end <= stream.length;
  if (!is_packet) throw new RangeError("no packet");
  const sum = stream.readUInt32BE(end - 4);
  if (crc32(stream.subarray(at, end - 4)) !== sum) throw new RangeError("another checksum");
  return [event(flags, new Fields(stream.subarray(at + 3 + head.at, end - 4))), end];
}

const stream = fs.readFileSync(0);
let at = 0;
while ((at = stream.indexOf(0xb3, at)) >= 0) {
  try {
    const [said, end] = packet(stream, at);
    at = end;
    fs.writeSync(1, JSON.stringify(said) + "\n");
  } catch {
    at += 1;
  }
}
