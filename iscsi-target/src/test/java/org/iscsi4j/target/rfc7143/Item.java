package org.iscsi4j.target.rfc7143;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which duty of RFC 7143 a test shows. The tests of this package make up the matrix of the
 * module's {@code RFC7143.md}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Item.List.class)
public @interface Item {

  /** Number in the matrix, 1 to 90. */
  int value();

  /** Section of RFC 7143, or of another document when it says so. */
  String section();

  /** The duty, in a few words: a row of the matrix, shared by the tests that use the same words. */
  String rule();

  /** Several duties of one test. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @interface List {
    Item[] value();
  }
}
