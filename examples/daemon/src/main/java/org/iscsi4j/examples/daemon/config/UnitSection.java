package org.iscsi4j.examples.daemon.config;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.iscsi4j.api.IscsiName;

/**
 * [LogicalUnitN]: a target.
 *
 * @param name with NodeBase in front where the file gives a short one
 * @param mappings in their order: the first that matches decides
 * @param forcedHeaderDigest UseDigest Header
 * @param forcedDataDigest UseDigest Data
 * @param online whether its medium can be used
 * @param inquiry what UnitInquiry says, or the defaults of the type
 * @param blockLength bytes
 * @param queueDepth commands of a session outstanding; 0 for one at a time
 * @param keys those that it names; the rest are [Global]'s, see {@link SessionKeys#orElse}
 * @param luns LUN 0 and maybe more, up to 255
 */
public record UnitSection(
    int number,
    IscsiName name,
    Optional<String> alias,
    List<Mapping> mappings,
    AuthRule auth,
    boolean forcedHeaderDigest,
    boolean forcedDataDigest,
    boolean readOnly,
    UnitType type,
    boolean online,
    UnitInquiry inquiry,
    int blockLength,
    int queueDepth,
    SessionKeys keys,
    SortedMap<Integer, LunSection> luns) {

  /** A Mapping line: the numbers of a PortalGroup and an InitiatorGroup. */
  public record Mapping(int portalGroup, int initiatorGroup) {}

  /** A UnitInquiry line. */
  public record UnitInquiry(String vendor, String product, String revision, String serial) {}
}
