// What a picture's metadata show, read here in the browser: only this leaves it, never the picture.

const FIRST = 128 * 1024; // bytes; metadata stand at the beginning
const ARTIST = 0x013b, COPYRIGHT = 0x8298, GPS = 0x8825, AUTHOR = 0x9c9d;
const LATITUDE = 2, LONGITUDE = 4;
const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

/** Name, media type, whether the metadata show a place, and whose names they hold. */
export async function metadata(file) {
  const found = { name: file.name, media_type: file.type, place: false, people: [] };
  try {
    const bytes = new Uint8Array(await file.slice(0, FIRST).arrayBuffer());
    for (const block of blocks(bytes)) read(block, found);
  } catch {
    // broken metadata show nothing
  }
  found.people = [...new Set(found.people)].slice(0, 5);
  return found;
}

/** The Exif blocks: of a JPEG's APP1 segments; of other formats, wherever one is announced. */
function blocks(bytes) {
  const view = new DataView(bytes.buffer);
  const found = [];
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
      const length = view.getUint16(at + 2);
      if (bytes[at + 1] === 0xe1 && ascii(bytes, at + 4, 6) === "Exif\0\0") found.push(new DataView(bytes.buffer, at + 10));
      at += 2 + length;
    }
    return found;
  }
  const text = ascii(bytes, 0, bytes.length);
  for (const match of text.matchAll(/(?:Exif\0\0|eXIf)(?=II\*\0|MM\0\*)/g)) {
    found.push(new DataView(bytes.buffer, match.index + match[0].length));
  }
  return found;
}

function ascii(bytes, from, length) {
  let text = "";
  for (let at = from; at < Math.min(from + length, bytes.length); at += 1) text += String.fromCharCode(bytes[at]);
  return text;
}

function read(view, found) {
  const little = view.getUint16(0) === 0x4949;
  const main = directory(view, view.getUint32(4, little), little);
  for (const tag of [ARTIST, COPYRIGHT, AUTHOR]) {
    if (main.has(tag)) found.people.push(...names(main.get(tag), tag === AUTHOR));
  }
  if (!main.has(GPS)) return;
  const place = directory(view, main.get(GPS).number, little);
  const known = (tag) => place.has(tag) && place.get(tag).bytes.some((byte) => byte);
  found.place = found.place || (known(LATITUDE) && known(LONGITUDE));
}

/** The entries of one directory of the block: each with its bytes, and as the number it may be. */
function directory(view, at, little) {
  const found = new Map();
  if (at + 2 > view.byteLength) return found;
  const count = Math.min(view.getUint16(at, little), 500);
  for (let entry = at + 2; entry < at + 2 + count * 12 && entry + 12 <= view.byteLength; entry += 12) {
    const length = (SIZES[view.getUint16(entry + 2, little)] ?? 0) * view.getUint32(entry + 4, little);
    const number = view.getUint32(entry + 8, little);
    const where = length <= 4 ? entry + 8 : number;
    if (where + length > view.byteLength) continue;
    found.set(view.getUint16(entry, little), { number, bytes: new Uint8Array(view.buffer, view.byteOffset + where, length) });
  }
  return found;
}

function names({ bytes }, wide) {
  const text = new TextDecoder(wide ? "utf-16le" : "utf-8").decode(bytes);
  return text.split(/[\0;]/).map((name) => name.trim().slice(0, 100)).filter((name) => /\p{L}/u.test(name));
}
