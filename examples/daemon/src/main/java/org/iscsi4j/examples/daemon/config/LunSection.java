package org.iscsi4j.examples.daemon.config;

import java.util.OptionalInt;

/**
 * The LUNn lines of one number.
 *
 * @param medium what is stored where, for a disk in whole blocks; a drive may be empty (/dev/null)
 * @param serial Option Serial, 1 to 32 characters; else the unit's, with L and the number behind it
 *     unless that is 0
 * @param rpm Option RPM: 0 not told, 1 not rotating; empty unless it is a disk
 * @param formFactor Option FormFactor, 0 to 15; empty unless it is a disk
 * @param readCache Option ReadCache, for disks
 * @param writeCache Option WriteCache, for disks
 */
public record LunSection(
    int number,
    MediumSpec medium,
    String serial,
    OptionalInt rpm,
    OptionalInt formFactor,
    boolean readCache,
    boolean writeCache) {}
