package org.iscsi4j.scsi;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What each nexus has been told of the comings and goings of the medium: each learns of each by
 * itself, the last of several. A nexus that asks for the first time learns of a medium that is in.
 * Any thread.
 */
final class MediaEvents {

  /** The events of the media class (MMC-6 clause 6.7.2.6). */
  enum Event {
    NONE,
    EJECT_REQUEST,
    NEW_MEDIA,
    MEDIA_REMOVAL
  }

  /** How often the host would have ejected the medium while an initiator prevented that. */
  private final AtomicInteger ejectRequests = new AtomicInteger();

  /** By nexus, for as long as it is there; guarded by this. */
  private final Map<ItlNexus, Told> told = new WeakHashMap<>();

  /** What a nexus has been told; guarded by the events. */
  private static final class Told {
    private boolean media;
    private int mediaChanges;
    private int features;
    private int ejectRequests;
  }

  /** An initiator is asked to let the medium go. */
  void requestEject() {
    ejectRequests.incrementAndGet();
  }

  private Told told(ItlNexus nexus, UnitCondition now) {
    return told.computeIfAbsent(
        nexus,
        first -> {
          Told made = new Told();
          made.media = !now.loaded();
          made.mediaChanges = now.mediumChanges();
          made.features = now.mediumChanges();
          made.ejectRequests = ejectRequests.get();
          return made;
        });
  }

  /** What has happened to the medium that the nexus does not know yet. */
  synchronized Event media(ItlNexus nexus, UnitCondition now) {
    Told known = told(nexus, now);
    if (!known.media || known.mediaChanges != now.mediumChanges()) {
      return now.loaded() ? Event.NEW_MEDIA : Event.MEDIA_REMOVAL;
    }
    boolean asked = now.loaded() && known.ejectRequests != ejectRequests.get();
    return asked ? Event.EJECT_REQUEST : Event.NONE;
  }

  /** Whether another medium has changed what the drive can do, and the nexus does not know yet. */
  synchronized boolean featuresChanged(ItlNexus nexus, UnitCondition now) {
    return told(nexus, now).features != now.mediumChanges();
  }

  /** The nexus has been told what {@link #media} said. */
  synchronized void mediaTold(ItlNexus nexus, UnitCondition now) {
    Told known = told(nexus, now);
    known.media = true;
    known.mediaChanges = now.mediumChanges();
    known.ejectRequests = ejectRequests.get();
  }

  /** The nexus has been told what {@link #featuresChanged} said. */
  synchronized void featuresTold(ItlNexus nexus, UnitCondition now) {
    told(nexus, now).features = now.mediumChanges();
  }
}
