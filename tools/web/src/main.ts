import "uplot/dist/uPlot.min.css";
import "./page.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { EmbeddedData } from "./data";
import { watchTheme } from "./theme.svelte";

watchTheme();
mount(App, { target: document.getElementById("page")!, props: { source: new EmbeddedData() } });
