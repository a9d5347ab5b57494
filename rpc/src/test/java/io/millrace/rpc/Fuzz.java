/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Feeds mutated inputs to a target for a bounded time: {@code -Dmillrace.fuzz.seconds=N} for
 * longer, {@code -Dmillrace.fuzz.seed=N} to repeat one input. A failure names its seed.
 */
public final class Fuzz {
  /**
   * What any input may make a target and its test allocate, and how much more for each of its
   * bytes.
   */
  private static final long FREE_BYTES = 2 << 20;

  private static final long BYTES_PER_BYTE = 64;

  /** However slow the machine is. */
  private static final int MIN_INPUTS = 300;

  /** Bytes that parsers trip over: ends of varint ranges, small counts, tags. */
  private static final byte[] TELLING = {0, 1, 2, 3, 0x16, 0x3f, 0x40, 0x7f, (byte) 0x80, -2, -1};

  private Fuzz() {}

  /** Takes an input; throws nothing, whatever it is, but what is declared and handled inside. */
  @FunctionalInterface
  public interface Target {
    void take(byte[] input, Random random) throws Exception;
  }

  @SuppressWarnings("SystemOut") // Seeds are read where the tests run.
  public static void run(String what, List<byte[]> corpus, Target target) {
    long fixed = Long.getLong("millrace.fuzz.seed", -1);
    if (fixed >= 0) {
      one(what, corpus, target, fixed);
      return;
    }
    long first = System.nanoTime() & 0xffff_ffffL;
    long seed = first;
    long end =
        System.nanoTime()
            + Duration.ofSeconds(Integer.getInteger("millrace.fuzz.seconds", 2)).toNanos();
    while (System.nanoTime() < end || seed - first < MIN_INPUTS) {
      one(what, corpus, target, seed++);
    }
    System.out.println(what + ": " + (seed - first) + " inputs from seed " + first);
  }

  private static void one(String what, List<byte[]> corpus, Target target, long seed) {
    byte[] input = mutated(corpus, new Random(seed));
    long most = FREE_BYTES + BYTES_PER_BYTE * input.length;
    // The first time may load classes.
    if (allocated(what, target, seed, input) > most) {
      long allocated = allocated(what, target, seed, input);
      if (allocated > most) {
        throw new AssertionError(
            String.format(
                "%s: -Dmillrace.fuzz.seed=%d: %d bytes allocated for an input of %d (expected: at"
                    + " most %d)",
                what, seed, allocated, input.length, most));
      }
    }
  }

  private static long allocated(String what, Target target, long seed, byte[] input) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      target.take(input.clone(), new Random(~seed));
    } catch (Exception | Error e) {
      throw new AssertionError(
          String.format(
              "%s: -Dmillrace.fuzz.seed=%d, input of %d bytes: %s", what, seed, input.length, e),
          e);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static byte[] mutated(List<byte[]> corpus, Random random) {
    byte[] input = corpus.get(random.nextInt(corpus.size())).clone();
    for (int i = random.nextInt(6); i > 0; i--) {
      input = mutatedOnce(input, corpus, random);
    }
    return input;
  }

  private static byte[] mutatedOnce(byte[] input, List<byte[]> corpus, Random random) {
    if (input.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(input.length);
    int end = at + random.nextInt(Math.min(64, input.length - at) + 1);
    switch (random.nextInt(7)) {
      case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> input[at] = TELLING[random.nextInt(TELLING.length)];
      case 2 -> Arrays.fill(input, at, end, TELLING[random.nextInt(TELLING.length)]);
      case 3 -> {
        return Arrays.copyOf(input, at);
      }
      case 4 -> {
        return join(Arrays.copyOf(input, at), Arrays.copyOfRange(input, end, input.length));
      }
      case 5 -> {
        return join(Arrays.copyOf(input, end), Arrays.copyOfRange(input, at, input.length));
      }
      default -> {
        byte[] other = corpus.get(random.nextInt(corpus.size()));
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        return join(Arrays.copyOf(input, at), Arrays.copyOfRange(other, from, other.length));
      }
    }
    return input;
  }

  public static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
