package org.iscsi4j.target.rfc7143;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** What the loggers that exist say while this is open, at every level. */
final class CapturedLog implements AutoCloseable {

  private static final int EVERYTHING = 0;

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final Map<Object, Integer> levels = new HashMap<>();

  CapturedLog() {
    System.setErr(new PrintStream(text, true, StandardCharsets.UTF_8));
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    Map<?, ?> loggers = (Map<?, ?>) get(factory, "loggerMap");
    loggers
        .values()
        .forEach(logger -> levels.put(logger, (Integer) get(logger, "currentLogLevel")));
    levels.keySet().forEach(logger -> level(logger, EVERYTHING));
  }

  /** What was said so far. */
  String text() {
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    levels.forEach(CapturedLog::level);
    System.setErr(before);
  }

  // the simple logger has no other way to change its level once it exists

  private static Object get(Object owner, String field) {
    try {
      return accessible(owner, field).get(owner);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void level(Object logger, int level) {
    try {
      accessible(logger, "currentLogLevel").setInt(logger, level);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Field accessible(Object owner, String field) throws ReflectiveOperationException {
    Field found = owner.getClass().getDeclaredField(field);
    found.setAccessible(true);
    return found;
  }
}
