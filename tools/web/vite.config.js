// The page as one file: script and style stand in it, and its content-security policy names them by their hash, so
// that nothing else runs, whatever the data says, and nothing is loaded from anywhere.
import { createHash } from "node:crypto";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function oneFile() {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const files = Object.values(bundle);
      const page = files.find((file) => file.fileName === "index.html");
      const code = files.filter((file) => file.type === "chunk").map((file) => file.code).join("\n");
      const style = files.filter((file) => file.fileName.endsWith(".css")).map((file) => file.source).join("\n").trim();
      const script = code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--").trim();
      const policy = [
        "default-src 'none'",
        `script-src ${hash(script)}`,
        `style-src ${hash(style)}`,
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
      ].join("; ");
      page.source = page.source
        .replace(/\s*<script type="module"[^>]*src=[^>]*><\/script>/, "")
        .replace(/\s*<link rel="(stylesheet|modulepreload)"[^>]*>/g, "")
        .replace("<head>", () => `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `  <style>${style}</style>\n  </head>`)
        .replace("</body>", () => `  <script>${script}</script>\n  </body>`);
      for (const file of files) if (file !== page) delete bundle[file.fileName];
    },
  };
}

export default defineConfig({
  plugins: [svelte({ compilerOptions: { css: "external" } }), oneFile()],
  build: {
    target: "es2022",
    cssCodeSplit: false,
    modulePreload: false,
    assetsInlineLimit: 1e6,
    emptyOutDir: true,
    rollupOptions: { output: { format: "iife", inlineDynamicImports: true } },
  },
});
