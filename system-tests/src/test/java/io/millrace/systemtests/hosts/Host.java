/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.util.ArrayList;
import java.util.List;

/**
 * A machine of the test: a network namespace, or an address of the loopback interface. Immutable.
 *
 * @param bindAddress what its processes listen on, so that both of the following lead to them
 * @param address under which the other hosts know it
 * @param controlAddress under which the test itself reaches it whatever becomes of its link, as an
 *     application on that machine does
 * @param prefix words in front of a command that is to run there
 */
record Host(
    String name, String bindAddress, String address, String controlAddress, List<String> prefix) {

  List<String> words(List<String> command) {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(command);
    return words;
  }
}
