/** Photos made small on the phone, before they are stored. */

import { attempts, MOST_BYTES } from "./shrinking.ts";

/** A JPEG of at most 300 kB; null where the file is no picture that this browser can read. */
export async function shrunk(file: Blob): Promise<ArrayBuffer | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    let smallest: Blob | null = null;
    for (const { width, height, quality } of attempts(picture)) {
      const jpeg = await drawn(picture, width, height, quality);
      if (jpeg === null) return null;
      smallest = jpeg;
      if (jpeg.size <= MOST_BYTES) break;
    }
    return smallest && (await smallest.arrayBuffer());
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, width: number, height: number, quality: number): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return Promise.resolve(null);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
