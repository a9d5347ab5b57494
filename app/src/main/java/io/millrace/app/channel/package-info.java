/* SPDX-License-Identifier: Apache-2.0 */
/** {@code millrace channel}: looks at the files of a file channel, and repairs them. */
package io.millrace.app.channel;
