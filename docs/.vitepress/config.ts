// The documentation's site: `npm ci && npm run build` in docs/. A link that leads nowhere fails the build.
import { defineConfig } from 'vitepress';

export default defineConfig({
  title: 'dybnn-compile',
  description: 'Dynamic binary neural networks from ONNX to C, bit for bit',
  cleanUrls: true,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'Integrate', link: '/integrate/c-api' },
      { text: 'Contribute', link: '/contribute/architecture' },
    ],
    sidebar: [
      {
        text: 'Guide',
        items: [
          { text: 'Getting started', link: '/guide/getting-started' },
          { text: 'From a model to an FPGA', link: '/guide/fpga' },
          { text: 'Commands and options', link: '/guide/commands' },
          { text: 'Numbers', link: '/guide/numbers' },
          { text: 'The report', link: '/guide/report' },
          { text: 'Networks it takes', link: '/guide/networks' },
          { text: 'When a model is refused', link: '/guide/refused' },
          { text: 'Diagnostics', link: '/guide/diagnostics' },
          { text: 'Accuracy on your data', link: '/guide/evaluate' },
          { text: 'As a library', link: '/guide/library' },
        ],
      },
      {
        text: 'Integrate',
        items: [
          { text: 'The C API', link: '/integrate/c-api' },
          { text: 'Memory and threads', link: '/integrate/memory-and-threads' },
          { text: 'Microcontrollers', link: '/integrate/microcontrollers' },
          { text: 'Port a kernel', link: '/integrate/port-a-kernel' },
          { text: 'The accelerator', link: '/integrate/accelerator' },
        ],
      },
      {
        text: 'Contribute',
        items: [
          { text: 'How it is built', link: '/contribute/architecture' },
          { text: 'Add an operator', link: '/contribute/add-an-operator' },
          { text: 'Change the accelerator', link: '/contribute/hardware' },
          { text: 'The arithmetic contract', link: '/contribute/contract' },
        ],
      },
    ],
  },
});
