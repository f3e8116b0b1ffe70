// The layers that try again, as people call them: summary.json's names, in the order from the client inwards.

interface Layer {
  title: string;
  /** A word what it is. */
  what: string;
  /** Who it is, at the end of "attempt 2 by". */
  by: string;
}

const layers: Record<string, Layer> = {
  client: { title: "client", what: "who sends the traffic, sending it again", by: "the client" },
  SDK: { title: "SDK", what: "a call inside a handler, made again", by: "the SDK" },
  "event source": { title: "event source", what: "a batch that was throttled, invoked again", by: "the event source" },
  redelivery: { title: "redelivery", what: "a queue, bringing again what was not deleted", by: "redelivery" },
  asynchronous: { title: "asynchronous", what: "Lambda, running an asynchronous event again", by: "Lambda's queue of events" },
  workflow: { title: "workflow", what: "a state machine's Retry", by: "the workflow" },
  hedging: { title: "hedging", what: "a second request beside one that is not answered yet", by: "hedging" },
};
const order = Object.keys(layers);
const place = (layer: string) => (order.includes(layer) ? order.indexOf(layer) : order.length);

export const layerOf = (layer: string): Layer => layers[layer] ?? { title: layer, what: "", by: layer };
/** The same colour for a layer wherever it stands; the first two are the candidates'. */
export const layerColour = (layer: string) => ((place(layer) + 2) % 8) + 1;
/** From the client inwards. */
export const inOrder = (all: Iterable<string>) => [...new Set(all)].sort((a, b) => place(a) - place(b));
