// What the drawings of graphs have in common.

/** A line through the points that a layout gives an edge, as the path of an SVG. */
export function curve(points: { x: number; y: number }[]) {
  let d = `M${points[0].x},${points[0].y}`;
  for (let i = 1; i < points.length - 1; i++) {
    const x = (points[i].x + points[i + 1].x) / 2;
    const y = (points[i].y + points[i + 1].y) / 2;
    d += `Q${points[i].x},${points[i].y} ${i === points.length - 2 ? `${points[i + 1].x},${points[i + 1].y}` : `${x},${y}`}`;
  }
  if (points.length === 2) d += `L${points[1].x},${points[1].y}`;
  return d;
}

export const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
