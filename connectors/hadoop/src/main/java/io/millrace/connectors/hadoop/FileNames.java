/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * Names of a sink's files:
 *
 * <pre>
 *   final    PREFIX.COUNTER SUFFIX
 *   in use   INUSEPREFIX PREFIX.COUNTER SUFFIX .MARK-SESSION INUSESUFFIX
 * </pre>
 *
 * (without the blanks.) The mark says whose file it is, the session which run of the sink's, and
 * begins with s when what is in the file may have been released before it was closed, with c when
 * not. Safe for many threads.
 */
final class FileNames {
  private static final Pattern SESSION = Pattern.compile("[sc][0-9a-f]{8}");
  private static final int SESSION_CHARACTERS = 9;
  private static final Pattern COUNTER = Pattern.compile("\\.[0-9]+");

  private final String inUsePrefix;
  private final String inUseSuffix;
  private final String suffix;
  private final boolean isMarked;
  private final String mark;
  private final String session;
  private final AtomicLong lastCounter = new AtomicLong();

  /**
   * @param session of this run; unlike any other
   */
  FileNames(HdfsSinkOptions options, String suffix, String mark, long session) {
    this.suffix = suffix;
    this.inUsePrefix = options.inUsePrefix();
    this.isMarked = !options.isInUseSuffixEmpty();
    this.inUseSuffix = options.isInUseSuffixEmpty() ? "" : options.inUseSuffix();
    this.mark = mark;
    this.session =
        (options.isReleasedOnClose() ? "c" : "s") + HexFormat.of().toHexDigits(session, 8);
  }

  /** A mark that is the same whenever this sink of this agent runs on this host. */
  static String mark(Optional<String> id, String host, String agent, String sink) {
    if (id.isPresent()) {
      return id.get();
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((host + "\n" + agent + "\n" + sink).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String mark() {
    return mark;
  }

  String session() {
    return session;
  }

  /** Unlike every one before; the time, as long as there is not more than one a millisecond. */
  long nextCounter() {
    return lastCounter.updateAndGet(last -> Math.max(last + 1, System.currentTimeMillis()));
  }

  Path whole(String directory, String prefix, long counter) {
    return new Path(directory + "/" + prefix + "." + counter + suffix);
  }

  Path inUse(String directory, String prefix, long counter) {
    int slash = prefix.lastIndexOf('/') + 1;
    return new Path(
        directory
            + "/"
            + prefix.substring(0, slash)
            + inUsePrefix
            + prefix.substring(slash)
            + "."
            + counter
            + suffix
            + (isMarked ? "." + mark + "-" + session : "")
            + inUseSuffix);
  }

  /** Whether files can be told from whole ones, and found again. */
  boolean isMarked() {
    return isMarked;
  }

  /** A file that an earlier run left. */
  record Leftover(Path path, Path whole, boolean isReleased) {}

  /** What the file is if an earlier run of this sink left it; empty when none did. */
  Optional<Leftover> leftover(Path path) {
    String name = path.getName();
    int at = name.lastIndexOf("." + mark + "-");
    if (!isMarked || at <= 0) {
      return Optional.empty();
    }
    int from = at + mark.length() + 2;
    String rest = name.substring(from);
    String whole = name.substring(0, at);
    // To the last character: a header may have put a mark into the middle of a final name.
    if (rest.length() != SESSION_CHARACTERS + inUseSuffix.length()
        || !rest.endsWith(inUseSuffix)
        || !SESSION.matcher(rest.substring(0, SESSION_CHARACTERS)).matches()
        || !COUNTER.matcher(whole).find()
        || rest.startsWith(session)) {
      return Optional.empty();
    }
    if (!inUsePrefix.isEmpty() && whole.startsWith(inUsePrefix)) {
      whole = whole.substring(inUsePrefix.length());
    }
    return Optional.of(
        new Leftover(path, new Path(path.getParent(), whole), rest.charAt(0) == 's'));
  }

  /** Another name for a file whose own is taken. */
  Path instead(Path taken) {
    String name = taken.getName();
    String end = suffix.isEmpty() || !name.endsWith(suffix) ? "" : suffix;
    String stem = name.substring(0, name.length() - end.length());
    int dot = stem.lastIndexOf('.');
    String prefix = dot > 0 ? stem.substring(0, dot) : stem;
    return new Path(taken.getParent(), prefix + "." + nextCounter() + end);
  }
}
