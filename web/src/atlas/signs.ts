// The signs of categories as pictures for the map: the same shapes and letters as in the list.

export interface Sign {
  category: string;
  shape: string;
  colour: string;
  ink: string;
  letter: string;
}

const SIZE = 24;
const RATIO = 2;

export function readSigns(text: string | undefined): Sign[] {
  return JSON.parse(text || "[]") as Sign[];
}

export function imageName(category: string): string {
  return `sign-${category}`;
}

/** Drawn with an edge, for screens of two pixels to one. */
export function picture(sign: Sign, edge: string): { image: ImageData; pixelRatio: number } {
  const canvas = new OffscreenCanvas(SIZE * RATIO, SIZE * RATIO);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.scale(RATIO, RATIO);
  context.translate(SIZE / 2, SIZE / 2);
  const shape = new Path2D(sign.shape);
  context.lineJoin = "round";
  context.strokeStyle = edge;
  context.lineWidth = 3;
  context.stroke(shape);
  context.fillStyle = sign.colour;
  context.fill(shape);
  context.fillStyle = sign.ink;
  context.font = "700 9.5px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText(sign.letter, 0, 3.4);
  return { image: context.getImageData(0, 0, SIZE * RATIO, SIZE * RATIO), pixelRatio: RATIO };
}
