#!/usr/bin/python3
"""The desktop's side of the session bus: a tray host and a notification server.

Takes one JSON command a line on the standard input, answers one JSON line each:
  {"do": "items"}                          tray items with title, status and icon
  {"do": "menu"}                           the first item's menu, as nested rows
  {"do": "click", "path": ["Pause for", "1 hour"]}
  {"do": "notifications"}                  every notification so far, and whether it is open
  {"do": "act", "id": 1, "key": "default"} presses an action of a notification
"""

import json
import os
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS = "org.freedesktop.Notifications"


class TrayHost(dbus.service.Object):
    """Keeps the list of tray items."""

    def __init__(self, bus):
        self.items = []
        self.name = dbus.service.BusName(WATCHER, bus)
        super().__init__(bus, "/StatusNotifierWatcher")
        bus.add_signal_receiver(self.owner_changed, "NameOwnerChanged", "org.freedesktop.DBus")

    def owner_changed(self, name, _old, new):
        if not new:
            self.items = [item for item in self.items if not item.startswith(name + "/")]

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        path = service if service.startswith("/") else "/StatusNotifierItem"
        # An item may register again, as when it hears of a host.
        if sender + path not in self.items:
            self.items.append(sender + path)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _service):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return {
            "RegisteredStatusNotifierItems": dbus.Array(self.items, signature="s"),
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
        }


class Notifications(dbus.service.Object):
    """Writes down every notification."""

    def __init__(self, bus):
        self.shown = []
        self.name = dbus.service.BusName(NOTIFICATIONS, bus)
        super().__init__(bus, "/org/freedesktop/Notifications")

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        number = int(replaces) or len(self.shown) + 1
        self.shown.append(
            {
                "id": number,
                "replaces": int(replaces),
                "app": str(app),
                "icon": str(icon),
                "summary": str(summary),
                "body": str(body),
                "actions": [str(action) for action in actions],
                "hints": {str(key): str(value) for key, value in hints.items()},
                "open": True,
            }
        )
        return dbus.UInt32(number)

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self):
        return ["body", "actions", "persistence"]

    @dbus.service.method(NOTIFICATIONS, out_signature="ssss")
    def GetServerInformation(self):
        return ("double", "test", "1", "1.2")

    @dbus.service.method(NOTIFICATIONS, in_signature="u")
    def CloseNotification(self, number):
        self.close(int(number), 3)

    def close(self, number, reason):
        for notification in self.shown:
            if notification["id"] == number:
                notification["open"] = False
        self.NotificationClosed(dbus.UInt32(number), dbus.UInt32(reason))

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, number, key):
        pass

    @dbus.service.signal(NOTIFICATIONS, signature="uu")
    def NotificationClosed(self, number, reason):
        pass


class Double:
    def __init__(self, tray):
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        self.bus = dbus.SessionBus()
        self.host = TrayHost(self.bus) if tray else None
        self.notifications = Notifications(self.bus)
        self.buffer = b""

    def properties(self, item):
        name, path = item.split("/", 1)
        remote = self.bus.get_object(name, "/" + path, introspect=False)
        return name, dbus.Interface(remote, dbus.PROPERTIES_IFACE).GetAll(ITEM)

    def items(self):
        found = []
        for item in self.host.items if self.host else []:
            _, properties = self.properties(item)
            keys = ("Id", "Title", "Status", "IconName", "IconAccessibleDesc", "XAyatanaLabel")
            found.append({key: str(properties.get(key, "")) for key in keys})
        return found

    def layout(self):
        name, properties = self.properties(self.host.items[0])
        remote = self.bus.get_object(name, str(properties["Menu"]), introspect=False)
        menu = dbus.Interface(remote, MENU)
        _, root = menu.GetLayout(dbus.Int32(0), dbus.Int32(-1), dbus.Array([], signature="s"))
        return menu, root

    def rows(self, node):
        rows = []
        for number, properties, children in node[2]:
            rows.append(
                {
                    "id": int(number),
                    "label": str(properties.get("label", "")).replace("__", "_"),
                    "enabled": bool(properties.get("enabled", True)),
                    "separator": str(properties.get("type", "")) == "separator",
                    "rows": self.rows((number, properties, children)),
                }
            )
        return rows

    def click(self, path):
        menu, root = self.layout()
        rows = self.rows(root)
        for label in path:
            row = next((row for row in rows if row["label"] == label), None)
            if row is None:
                return {"error": f"no row {label!r} among {[row['label'] for row in rows]}"}
            rows = row["rows"]
        if not row["enabled"]:
            return {"error": f"{path[-1]!r} cannot be chosen"}
        moment = dbus.UInt32(int(time.time()) & 0xFFFFFFFF)
        menu.Event(dbus.Int32(row["id"]), "clicked", dbus.String("", variant_level=1), moment)
        return {"clicked": path[-1]}

    def obey(self, command):
        do = command["do"]
        if do == "items":
            return self.items()
        if do == "menu":
            return self.rows(self.layout()[1]) if self.host and self.host.items else []
        if do == "click":
            return self.click(command["path"])
        if do == "notifications":
            return self.notifications.shown
        if do == "act":
            self.notifications.ActionInvoked(dbus.UInt32(command["id"]), command["key"])
            self.notifications.close(command["id"], 2)
            return {}
        return {"error": f"unknown command {do!r}"}

    def read(self, source, _condition):
        chunk = os.read(source, 65536)
        if not chunk:
            self.loop.quit()
            return False
        *lines, self.buffer = (self.buffer + chunk).split(b"\n")
        for line in lines:
            try:
                answer = self.obey(json.loads(line))
            except Exception as error:  # the test reads it, whatever it is
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
        return True

    def run(self):
        self.loop = GLib.MainLoop()
        GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, self.read)
        print(json.dumps({"ready": True}), flush=True)
        self.loop.run()


Double(tray="--no-tray" not in sys.argv).run()
