package org.iscsi4j.examples.daemon.config;

import java.util.OptionalInt;

/**
 * The LUNn lines of one number.
 *
 * @param medium what is stored where; a drive may be empty (/dev/null)
 * @param serial Option Serial, or its default
 * @param rpm Option RPM: 0 not told, 1 not rotating
 * @param formFactor Option FormFactor, 0 to 15
 * @param readCache Option ReadCache
 * @param writeCache Option WriteCache
 */
public record LunSection(
    int number,
    MediumSpec medium,
    String serial,
    OptionalInt rpm,
    OptionalInt formFactor,
    boolean readCache,
    boolean writeCache) {}
