package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Function;

/**
 * A log page as data (SPC-4 clause 7.3.2.1).
 *
 * @param lists whether it lists pages: such a page has no parameters, and LOG SELECT doesn't know
 *     it
 * @param content what stands behind the page header
 */
record LogPage(int code, int subpage, boolean lists, Function<DeviceServer, Content> content) {

  static final int HEADER_LENGTH = 4;
  static final int DS = 0x80;
  static final int SPF = 0x40;
  static final int SUPPORTED_PAGES = 0x00;
  static final int ALL_SUBPAGES = 0xff;

  /** Which values are asked for, in the order of the PC field. */
  enum Control {
    THRESHOLD,
    CUMULATIVE,
    DEFAULT_THRESHOLD,
    DEFAULT_CUMULATIVE
  }

  /**
   * What stands in a page.
   *
   * @param list the whole of a page that has no parameters
   * @param parameters in ascending order of their codes
   */
  record Content(byte[] list, List<LogParameter> parameters) {

    /** The largest parameter code; 0 without parameters. */
    int lastCode() {
      return parameters.isEmpty() ? 0 : parameters.get(parameters.size() - 1).code();
    }
  }

  /** A page of parameters, none of which is ever saved. */
  static LogPage of(int code, Function<DeviceServer, List<LogParameter>> parameters) {
    return new LogPage(code, 0, false, unit -> new Content(new byte[0], parameters.apply(unit)));
  }

  /** A page that lists pages. */
  static LogPage list(int code, int subpage, byte[] list) {
    return new LogPage(code, subpage, true, unit -> new Content(list, List.of()));
  }

  /** The page with its header, its parameters from a code on. */
  byte[] encode(Content of, Control control, int from) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(of.list());
    of.parameters().stream()
        .filter(parameter -> parameter.code() >= from)
        .forEach(parameter -> parameter.encode(control, body));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((lists ? 0 : DS) | (subpage == 0 ? 0 : SPF) | code);
    out.write(subpage);
    out.write(body.size() >> 8);
    out.write(body.size());
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }
}
