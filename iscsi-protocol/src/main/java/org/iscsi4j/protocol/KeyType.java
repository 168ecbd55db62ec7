package org.iscsi4j.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How a key's value is written in text (RFC 7143 section 6.1). */
interface KeyType<T> {
  /** The most bytes of a simple value, where a key doesn't say otherwise. */
  int MAX_VALUE_LENGTH = 255;

  /**
   * Reads a value.
   *
   * @param minimum the lowest number, or the least bytes
   * @param maximum the highest number, or the most bytes
   * @throws ProtocolException with a message that reads well behind the key's name
   */
  T parse(String text, int minimum, int maximum) throws ProtocolException;

  default String format(T value) {
    return value.toString();
  }

  /** An unsigned number, decimal or hexadecimal. */
  KeyType<Integer> NUMBER =
      (text, minimum, maximum) -> {
        long number = TextNumber.parse(text);
        if (Long.compareUnsigned(number, minimum) < 0
            || Long.compareUnsigned(number, maximum) > 0) {
          throw illegal(Long.toUnsignedString(number) + " is outside " + minimum + ".." + maximum);
        }
        return (int) number;
      };

  /** A range of numbers. */
  KeyType<TextNumber.Range> RANGE =
      (text, minimum, maximum) -> {
        TextNumber.Range range = TextNumber.parseRange(text);
        if (Long.compareUnsigned(range.low(), minimum) < 0
            || Long.compareUnsigned(range.high(), maximum) > 0) {
          throw illegal(range + " is outside " + minimum + ".." + maximum);
        }
        return range;
      };

  /** Exactly Yes or No. */
  KeyType<Boolean> BOOLEAN =
      new KeyType<>() {
        @Override
        public Boolean parse(String text, int minimum, int maximum) throws ProtocolException {
          return switch (text) {
            case "Yes" -> true;
            case "No" -> false;
            default -> throw illegal(TextCodec.quoted(text) + " is neither Yes nor No");
          };
        }

        @Override
        public String format(Boolean value) {
          return value ? "Yes" : "No";
        }
      };

  /** Any text; the limits count bytes of UTF-8. */
  KeyType<String> TEXT =
      (text, minimum, maximum) -> {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length < minimum || length > maximum) {
          throw illegal("of " + length + " bytes is outside " + minimum + ".." + maximum);
        }
        return text;
      };

  /** Values in order of preference, joined by commas; the limits count bytes of each. */
  KeyType<List<String>> LIST =
      new KeyType<>() {
        @Override
        public List<String> parse(String text, int minimum, int maximum) throws ProtocolException {
          String[] values = text.split(",", -1);
          for (String value : values) {
            TEXT.parse(value, minimum, maximum);
          }
          return List.of(values);
        }

        @Override
        public String format(List<String> values) {
          return String.join(",", values);
        }
      };

  /** Numbers in order of preference, joined by commas. */
  KeyType<List<Integer>> NUMBERS =
      new KeyType<>() {
        @Override
        public List<Integer> parse(String text, int minimum, int maximum) throws ProtocolException {
          List<Integer> numbers = new ArrayList<>();
          for (String number : text.split(",", -1)) {
            numbers.add(NUMBER.parse(number, minimum, maximum));
          }
          return List.copyOf(numbers);
        }

        @Override
        public String format(List<Integer> numbers) {
          return String.join(",", numbers.stream().map(String::valueOf).toList());
        }
      };

  /** Hexadecimal or base64; the limits count decoded bytes. */
  KeyType<byte[]> BINARY =
      new KeyType<>() {
        @Override
        public byte[] parse(String text, int minimum, int maximum) throws ProtocolException {
          return LargeBinary.decode(text, maximum);
        }

        @Override
        public String format(byte[] value) {
          return LargeBinary.encode(value);
        }
      };

  /** One of a few words. */
  static KeyType<String> oneOf(String... words) {
    List<String> allowed = Arrays.asList(words);
    return (text, minimum, maximum) -> {
      if (!allowed.contains(text)) {
        throw illegal(TextCodec.quoted(text) + " is none of " + allowed);
      }
      return text;
    };
  }

  private static ProtocolException illegal(String problem) {
    return new ProtocolException(RejectReason.PROTOCOL_ERROR, problem);
  }
}
