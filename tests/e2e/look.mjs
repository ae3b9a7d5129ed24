import { chromium } from '@playwright/test';
import { AxeBuilder } from '@axe-core/playwright';
const base='http://127.0.0.1:5199';
const now=Date.now(), d=86400000;
const ada={id:'a1',name:'Ada Lovelace',email:'ada@example.org'}, bob={id:'b1',name:'Bob Kahn',email:'bob.with.a.very.long.address@subdomain.example.org'}, eve={id:'e1',name:'Eve',email:'eve@example.org'};
const ws=[{id:'w1',slug:'team',name:'Team Analytical',role:'owner'},{id:'w2',slug:'side',name:'Side project with a long name',role:'member'}];
const me={account:ada,workspaces:ws};
const invs=[{id:'i1',email:'carol@example.org',role:'member',invited_by:ada,created_at:now-3600e3,expires_at:now+6.5*d,state:'pending'},{id:'i2',email:'dave@example.org',role:'viewer',invited_by:bob,created_at:now-9*d,expires_at:now-2*d,state:'expired'},{id:'i3',email:'frank@example.org',role:'admin',invited_by:ada,created_at:now-2*d,expires_at:now+5*d,state:'accepted'},{id:'i4',email:'gina@example.org',role:'admin',invited_by:ada,created_at:now-2*d,expires_at:now+5*d,state:'revoked'}];
const R={
 'me':me,'instance':{product:'coord',version:'0.1',bootstrapped:true,open_sign_up:true,mail:true,identity_provider:'Example SSO'},
 'workspaces/w1/pending':{approvals:[],questions:[]},
 'workspaces/w1/members':{members:[{person:ada,role:'owner',joined_at:now-90*d,runners:2,can_change_role:false,can_remove:false},{person:bob,role:'admin',joined_at:now-30*d,runners:0,can_change_role:true,can_remove:true},{person:eve,role:'viewer',joined_at:now-3600e3,runners:1,can_change_role:true,can_remove:true}]},
 'workspaces/w1/invitations':{invitations:invs},
 'workspaces/w1/audit':{entries:Array.from({length:14},(_,i)=>({id:'l'+i,at:now-i*4e6,actor:i%5==4?undefined:i%2?bob:ada,surface:['web','command_line','api_token','runner','system'][i%5],address:i%5==4?undefined:'192.168.1.'+i,action:['member.role_changed','runner.shared','invitation.created','job.cancelled','workspace.renamed'][i%5],subject_kind:'member',subject_id:'0192-'+i,subject:['Eve','big-box','carol@example.org','#12 Fix the login redirect','Team'][i%5],details:[{name:'from',value:'viewer'},{name:'to',value:'member'}]}))},
 'account':{account:ada,created_at:now-100*d,has_password:true,identity_linked:true,plan:{plan:'generous',runners:{used:2,limit:50},concurrent_jobs:{used:20,limit:20},monthly_jobs:{used:850,limit:1000},storage_bytes:{used:123456789},month_ends_at:now+8*d}},
 'account/sessions':{sessions:[{id:'s1',current:true,browser:'Chromium 140 on Linux',address:'127.0.0.1',created_at:now-d,last_seen_at:now-1000},{id:'s2',current:false,browser:'Firefox 145 on Windows',address:'2001:db8:85a3::8a2e:370:7334',created_at:now-5*d,last_seen_at:now-3*d}]},
 'account/devices':{devices:[{id:'g1',client:'command_line',machine:'ada-laptop',system:'Debian 12',current:false,created_at:now-5*d,last_used_at:now-3600e3},{id:'g2',client:'runner',machine:'big-box.example.org',system:'Ubuntu 24.04',runner:{id:'r1',short_id:'abc123',name:'big-box'},current:false,created_at:now-50*d}]},
 'account/tokens':{tokens:[{id:'t1',name:'nightly build',scopes:['read','jobs'],prefix:'cot_ab12',created_at:now-d,expires_at:now+29*d,last_used_at:now-1e7},{id:'t2',name:'old one with a rather long name for a token',scopes:['read','jobs','runners','members'],workspace:ws[0],prefix:'cot_zz99',created_at:now-90*d,expires_at:now-d}]},
 'account/runners':{runners:[{runner:{id:'r1',short_id:'abc123',name:'big-box'},state:'online',shared_in:[ws[0],ws[1]],last_heartbeat_at:now-2000},{runner:{id:'r2',short_id:'def456',name:'laptop'},state:'offline',shared_in:[],last_heartbeat_at:now-2*d},{runner:{id:'r3',short_id:'ghi789',name:'old-server'},state:'offline',shared_in:[],last_heartbeat_at:now-20*d,removed_at:now-10*d}]},
 'account/notification-settings':{muted:['job_done']},
 'account/audit':{entries:[{id:'x',at:now-5000,actor:ada,surface:'web',address:'127.0.0.1',action:'account.signed_in',subject_kind:'account',subject_id:'a1',subject:'Ada',details:[]}]},
 'notifications':{unread:3,notifications:[{id:'n1',kind:'approval_waiting',text:'#12 Fix the login redirect: an agent wants to run “npm test”',workspace:ws[0],job_number:12,job_id:'j',at:now-60e3,read:false},{id:'n2',kind:'job_failed',text:'#11 Write the release notes has failed: the model is overloaded',workspace:ws[0],job_number:11,at:now-3600e3,read:false},{id:'n3',kind:'runner_disabled',text:'big-box was disabled by Bob: needs a new disk',workspace:ws[1],runner:{id:'r1',short_id:'abc123',name:'big-box'},at:now-2*3600e3,read:false},{id:'n4',kind:'job_done',text:'#10 Tidy the tests is done',workspace:ws[0],job_number:10,at:now-3*d,read:true}]},
 'workspaces/w1/jobs':{jobs:[]},
};
const facts={workspace:{id:'w3',slug:'new',name:'New Team'},email:'carol@example.org',role:'member',invited_by:'Ada Lovelace',expires_at:now+6*d,state:'pending',account_exists:false};
const post={'workspaces/w1/invitations':{invitation:invs[0],url:'https://coord.example.org/invite#Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6',mailed:false},'workspaces/w1/members/b1/reset-link':{url:'https://coord.example.org/reset#Zm9vYmFyYmF6cXV4',expires_at:now+36e5},'account/tokens':{token:'cot_abcdefghijklmnopqrstuvwxyz0123456789',view:R['account/tokens'].tokens[0]}};
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']});
const only=process.argv[2];
async function open(path,{signedIn=true,over={}}={}){
 const ctx=await b.newContext({locale:'en-GB',viewport:{width:1280,height:800}}); const page=await ctx.newPage();
 page.on('pageerror',e=>console.log('PAGEERROR',path,e.message)); page.on('console',m=>{if(m.type()==='error'&&!/401|404|403/.test(m.text()))console.log('CONSOLE',path,m.text())});
 await page.route('**/api/v1/**',r=>{const u=new URL(r.request().url());const k=u.pathname.replace('/api/v1/','');
  if(k.endsWith('/live')) return r.fulfill({status:200,contentType:'text/event-stream',body:'id: 0\n\n'});
  if(!signedIn&&k==='me') return r.fulfill({status:401,json:{code:'not_signed_in',message:'Nobody is signed in.'}});
  const m=r.request().method(); const t={...R,...over};
  if(m==='POST'&&post[k]) return r.fulfill({json:post[k]});
  if(k in t) return t[k].status?r.fulfill({status:t[k].status,json:t[k].json}):r.fulfill({json:t[k]});
  if(k.startsWith('invitations/')) return r.fulfill({json:{...facts,...(over.facts??{})}});
  if(m!=='GET') return r.fulfill({status:403,json:{code:'forbidden',message:'You may not do this.',hint:'Ask an admin.'}});
  console.log('unmocked',m,k); r.fulfill({status:404,json:{code:'not_found',message:'no'}});});
 await page.goto(base+path); await page.waitForLoadState('networkidle').catch(()=>{}); return page;
}
async function shot(page,name){
 for(const cs of ['light','dark']){ await page.emulateMedia({colorScheme:cs});
  for(const [n,w,h] of [['wide',1280,800],['narrow',320,900]]){ await page.setViewportSize({width:w,height:h}); await page.waitForTimeout(80);
   await page.screenshot({path:`/tmp/uip/shots/${name}-${cs}-${n}.png`,fullPage:n==='narrow'&&!/dialog|bell|menu/.test(name)});
   const {violations}=await new AxeBuilder({page}).analyze(); for(const v of violations) console.log('AXE',name,cs,n,v.id,v.nodes.map(x=>x.html.slice(0,160)+' :: '+x.failureSummary.split('\n').slice(1,3).join(' ').slice(0,260)).join('\n   '));
  }
  const o=await page.evaluate(()=>document.documentElement.scrollWidth-innerWidth); if(o>0) console.log('OVERFLOW',name,o);
 }
 await page.setViewportSize({width:1280,height:800}); await page.emulateMedia({colorScheme:'light'});
}
const P={
 signin:async()=>open('/sign-in',{signedIn:false}), signup:async()=>open('/sign-up',{signedIn:false}),
 signupclosed:async()=>open('/sign-up',{signedIn:false,over:{instance:{...R.instance,open_sign_up:false}}}),
 forgot:async()=>open('/forgot',{signedIn:false}), forgotnomail:async()=>open('/forgot',{signedIn:false,over:{instance:{...R.instance,mail:false}}}),
 reset:async()=>open('/reset#abc',{signedIn:false}), resetdead:async()=>open('/reset',{signedIn:false}),
 inviteout:async()=>open('/invite#tok',{signedIn:false}), invitewrong:async()=>open('/invite#tok'), invite:async()=>open('/invite#tok',{over:{facts:{email:'Ada@example.org'}}}),
 inviteexpired:async()=>open('/invite#tok',{over:{facts:{state:'expired'}}}), inviteunknown:async()=>open('/invite'),
 people:async()=>open('/w/team/people'),
 'people-menu':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Actions for Ada'}).click();return p},
 'role-menu':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:/Role of Bob/}).click();return p},
 'invite-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Invite people'}).first().click();await p.waitForTimeout(100);return p},
 'invited-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Invite people'}).first().click();await p.getByLabel('E-mail address').fill('carol@example.org');await p.keyboard.press('Enter');await p.getByText('Invited carol').waitFor();return p},
 'reset-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Actions for Bob'}).click();await p.getByRole('menuitem',{name:/Link for a new/}).click();await p.getByRole('button',{name:'Make link'}).click();await p.getByLabel('Link for a new password').waitFor();return p},
 'remove-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Actions for Eve'}).click();await p.getByRole('menuitem',{name:/Remove/}).click();await p.getByRole('button',{name:'Remove member'}).click();await p.waitForTimeout(200);return p},
 'transfer-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:'Actions for Bob'}).click();await p.getByRole('menuitem',{name:/Make owner/}).click();await p.waitForTimeout(200);return p},
 settings:async()=>open('/w/team/settings'),
 'delete-dialog':async()=>{const p=await open('/w/team/settings');await p.getByRole('button',{name:'Delete workspace…'}).click();await p.getByRole('button',{name:'Delete workspace',exact:true}).click();return p},
 audit:async()=>open('/w/team/audit?action=member'),
 'audit-open':async()=>{const p=await open('/w/team/audit');await p.getByText('Member: role changed').first().click();return p},
 'bell':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:/^Notifications/}).click();await p.waitForTimeout(150);return p},
 'ws-menu':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:/^Workspace/}).click();await p.waitForTimeout(150);return p},
 'newws-dialog':async()=>{const p=await open('/w/team/people');await p.getByRole('button',{name:/^Workspace/}).click();await p.getByRole('menuitem',{name:/Create/}).click();await p.getByLabel('Name',{exact:true}).fill('Büro & Co');await p.waitForTimeout(150);return p},
 noworkspace:async()=>open('/',{over:{me:{...me,workspaces:[]}}}), foreign:async()=>open('/w/nope/jobs'),
 'token-dialog':async()=>{const p=await open('/account/tokens');await p.getByRole('button',{name:'New token'}).click();await p.waitForTimeout(150);return p},
 'tokenmade-dialog':async()=>{const p=await open('/account/tokens');await p.getByRole('button',{name:'New token'}).click();await p.getByLabel('Name',{exact:true}).fill('x');await p.keyboard.press('Enter');await p.getByText('Your new token').waitFor();return p},
 'deleteaccount-dialog':async()=>{const p=await open('/account');await p.getByRole('button',{name:'Delete account…'}).click();await p.waitForTimeout(150);return p},
};
for(const s of ['','/security','/tokens','/plan','/notifications','/runners','/activity']) P['account'+s.replace('/','-')]=async()=>open('/account'+s);
for(const [n,f] of Object.entries(P)){ if(only&&!only.split(',').includes(n)) continue; try{const p=await f();await shot(p,n);await p.context().close();}catch(e){console.log('FAIL',n,e.message.slice(0,400))} }
await b.close();
