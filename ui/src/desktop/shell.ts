import { Channel, invoke } from '@tauri-apps/api/core';
import { getCurrentWindow } from '@tauri-apps/api/window';

import type { Shell, Signal } from '$/views/desktop/service';

/** The desktop around the window: thin typed calls of the app's own commands. */
export const shell: Shell = {
  control: (request) => invoke('control', { request }),
  watch(hear) {
    const channel = new Channel<Signal>(hear);
    // Answers only when the app ends.
    void invoke('watch', { channel });
  },
  chooseDirectory: (start) => invoke('choose_directory', { start }),
  openUrl: (url) => invoke('open_url', { url }),
  revealFolder: (folder) => invoke('reveal_folder', { folder }),
  startService: () => invoke('start_service'),
  close: () => getCurrentWindow().close(),
  quit: (choice) => invoke('quit', { choice }),
};
