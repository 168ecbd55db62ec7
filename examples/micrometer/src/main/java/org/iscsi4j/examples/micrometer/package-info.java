/** What a server does, as Micrometer meters: the library itself needs no metrics library. */
package org.iscsi4j.examples.micrometer;
