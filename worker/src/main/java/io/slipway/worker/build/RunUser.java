package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Run;
import io.slipway.protocol.ErrorCode;
import io.slipway.worker.rootfs.Accounts;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.sandbox.ContainerUser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Who a RUN's command runs as: what USER says, looked up in the image (dockerfile.md §5 USER). */
final class RunUser {
    private RunUser() {}

    /**
     * Looks the user up.
     *
     * @param user what USER says, or null: then it is root, with the groups that the image gives root
     * @param run the instruction to blame
     */
    static ContainerUser of(@Nullable String user, Run run, RootTree root) throws IOException, BuildFailure {
        String text = user == null ? "" : user;
        Accounts accounts = Accounts.of(root);
        int colon = text.indexOf(':');
        String named = colon < 0 ? text : text.substring(0, colon);
        String name = named.isEmpty() ? "0" : named;
        String group = colon < 0 ? "" : text.substring(colon + 1);
        OptionalInt number = Accounts.number(name);
        Accounts.Account account = accounts.user(name);
        if (account == null && number.isPresent()) {
            account = accounts.user(number.getAsInt());
        }
        if (account == null && number.isEmpty()) {
            throw BuildFailure.at(
                    run.origin(),
                    ErrorCode.INSTRUCTION_FAILED,
                    "the user \"" + name + "\" of USER is not in the image's /etc/passwd",
                    "add it with useradd or adduser before this line, or use its number");
        }
        int uid = number.orElseGet(() -> 0);
        int gid = 0;
        List<Integer> groups = List.of();
        if (account != null) {
            uid = account.uid();
            gid = account.gid();
            groups = group.isEmpty() ? accounts.groupsOf(account.name()) : groups;
        }
        if (!group.isEmpty()) {
            OptionalInt groupId = Accounts.number(group);
            if (groupId.isEmpty()) {
                groupId = accounts.group(group);
            }
            if (groupId.isEmpty()) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "the group \"" + group + "\" of USER is not in the image's /etc/group",
                        "add it with groupadd or addgroup before this line, or use its number");
            }
            gid = groupId.getAsInt();
        }
        // As in the reference, the primary group is among the supplementary ones.
        List<Integer> all = new ArrayList<>(List.of(gid));
        for (int supplementary : groups) {
            if (supplementary != gid) {
                all.add(supplementary);
            }
        }
        // The home goes by the number, so that of several names of it the first counts.
        Accounts.Account first = accounts.user(uid);
        return new ContainerUser(uid, gid, all, first == null ? "/" : first.home());
    }
}
