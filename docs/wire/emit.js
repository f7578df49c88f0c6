// Writes events of subunit version 2 to standard output.
const fs = require("fs");

const STATUSES = ["", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"];

function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

const word = (n, size = 4) => Buffer.from(Array.from({ length: size }, (_, at) => n >>> (8 * (size - 1 - at))));

function number(n) {
  const size = [1, 2, 3, 4].find((size) => n < 2 ** (8 * size - 2));
  return word(n + (size - 1) * 2 ** (8 * size - 2), size);
}

const text = (content) => Buffer.concat([number(Buffer.from(content).length), Buffer.from(content)]);

function event(testId, status, fileName, content) {
  let flags = 0x2b00 | STATUSES.indexOf(status); // version 2, with a test id and a time, runnable
  const now = Date.now();
  const body = [word(Math.floor(now / 1000)), number((now % 1000) * 1e6), text(testId)];
  if (fileName !== undefined) {
    flags |= 0x0050; // with a file, which is whole
    body.push(text(fileName), text(content));
  }
  const size = Buffer.concat(body).length + 7;
  const length = [1, 2, 3].find((more) => size + more < 2 ** (8 * more - 2)) + size;
  const packet = Buffer.concat([word(0xb3, 1), word(flags, 2), number(length), ...body]);
  fs.writeSync(1, Buffer.concat([packet, word(crc32(packet))]));
}

event("shop.cart", "inprogress");
event("shop.cart", "success");
event("shop.checkout", "fail", "reason", "total: 41, expected 42: " + "a book for 20 and a lamp for 21".repeat(2));
event("shop.search", "skip", "reason", "no search engine here");
