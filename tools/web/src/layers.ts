// The layers that try again, as people call them: summary.json's names, in the order from the client inwards.

interface Layer {
  title: string;
  /** A word what it is. */
  what: string;
}

const layers: Record<string, Layer> = {
  client: { title: "client", what: "who sends the traffic, sending it again" },
  SDK: { title: "SDK", what: "a call inside a handler, made again" },
  "event source": { title: "event source", what: "a batch that was throttled, invoked again" },
  redelivery: { title: "redelivery", what: "a queue, bringing again what was not deleted" },
  asynchronous: { title: "asynchronous", what: "Lambda, running an asynchronous event again" },
  workflow: { title: "workflow", what: "a state machine's Retry" },
  hedging: { title: "hedging", what: "a second request beside one that is not answered yet" },
};
const order = Object.keys(layers);
const place = (layer: string) => (order.includes(layer) ? order.indexOf(layer) : order.length);

export const layerOf = (layer: string): Layer => layers[layer] ?? { title: layer, what: "" };
/** The same colour for a layer wherever it stands; the first two are the candidates'. */
export const layerColour = (layer: string) => ((place(layer) + 2) % 8) + 1;
/** From the client inwards. */
export const inOrder = (all: Iterable<string>) => [...new Set(all)].sort((a, b) => place(a) - place(b));
