package org.iscsi4j.api;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listeners of one device. Any thread. */
final class DeviceListeners {

  private final List<DeviceEvents> listeners = new CopyOnWriteArrayList<>();

  void add(DeviceEvents events) {
    listeners.add(events);
  }

  void remove(DeviceEvents events) {
    listeners.remove(events);
  }

  void geometryChanged() {
    listeners.forEach(DeviceEvents::geometryChanged);
  }
}
