/** A disk out of a Java program in ten lines. */
package org.iscsi4j.examples.quickstart;
