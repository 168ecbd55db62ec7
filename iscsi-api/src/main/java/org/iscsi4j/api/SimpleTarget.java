package org.iscsi4j.api;

import java.util.NavigableMap;
import java.util.Optional;

/** What {@link Target.Builder} builds. */
record SimpleTarget(
    IscsiName name, Optional<String> alias, NavigableMap<Integer, LogicalUnit> logicalUnits)
    implements Target {}
