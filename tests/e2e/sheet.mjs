import { chromium } from '@playwright/test';
import fs from 'node:fs';
const [out,w,...files]=process.argv.slice(2);
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']});
const p=await b.newPage({viewport:{width:1560,height:800}});
const html='<body style="margin:4px;background:#888;display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start">'+files.map(f=>`<figure style="margin:0"><figcaption style="font:11px sans-serif">${f}</figcaption><img style="width:${w}px" src="data:image/png;base64,${fs.readFileSync(''+(process.env.SHOTS??'/tmp/uip/shots/')+''+f+'.png').toString('base64')}"></figure>`).join('')+'</body>';
await p.setContent(html,{waitUntil:'load'}); await p.screenshot({path:out,fullPage:true}); await b.close();
