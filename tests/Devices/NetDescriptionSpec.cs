// What a driver may leave to others and what it takes from them: each kind of work has a feature of its own, in each direction.

using Lguest.Devices.Net;
using Lguest.Guest.Abi;
using Lguest.Net.Frames;

namespace Lguest.Devices.Tests;

public sealed class NetDescriptionSpec
{
    private const uint All = uint.MaxValue;

    public static TheoryData<byte, byte, uint[], uint[]> Works => new()
    {
        { 1, 0, [NetDescription.Checksum], [NetDescription.GuestChecksum] },
        { 1, 1, [NetDescription.Checksum, NetDescription.HostTcp4], [NetDescription.GuestChecksum, NetDescription.GuestTcp4] },
        { 1, 4, [NetDescription.Checksum, NetDescription.HostTcp6], [NetDescription.GuestChecksum, NetDescription.GuestTcp6] },
        {
            1, 0x81, [NetDescription.Checksum, NetDescription.HostTcp4, NetDescription.HostEcn],
            [NetDescription.GuestChecksum, NetDescription.GuestTcp4, NetDescription.GuestEcn]
        },
    };

    [Theory, MemberData(nameof(Works))]
    public void Each_kind_of_work_wants_its_features_and_no_others(byte flags, byte segmentation, uint[] leaving, uint[] taking)
    {
        FrameOffload offload = new(flags, (SegmentationKind)segmentation, 54, 1448, 34, 16);
        Check(accepted => NetDescription.MayLeave(offload, accepted), leaving);
        Check(accepted => NetDescription.Takes(offload, accepted), taking);

        static void Check(Func<uint, bool> isAllowed, uint[] needed)
        {
            isAllowed(needed.Aggregate((one, other) => one | other)).ShouldBeTrue();
            foreach (uint feature in needed)
                isAllowed(All & ~feature).ShouldBeFalse($"{feature:x}");
        }
    }

    [Fact]
    public void No_work_wants_nothing_and_a_kind_that_there_is_not_is_never_allowed()
    {
        (NetDescription.MayLeave(default, 0), NetDescription.Takes(default, 0)).ShouldBe((true, true));
        FrameOffload unknown = new(1, (SegmentationKind)3, 54, 1448, 34, 16);
        (NetDescription.MayLeave(unknown, All >> 1), NetDescription.Takes(unknown, All >> 1)).ShouldBe((false, false));
    }

    [Fact]
    public void From_2_6_27_on_everything_is_offered()
    {
        const uint Ever = NetDescription.MergedBuffers | NetDescription.Checksum | NetDescription.GuestChecksum | NetDescription.GuestTcp4
            | NetDescription.GuestTcp6 | NetDescription.GuestEcn | NetDescription.HostTcp4 | NetDescription.HostTcp6
            | NetDescription.HostEcn;
        foreach (var generation in new[] { GuestGeneration.Linux2627, GuestGeneration.Linux3, GuestGeneration.Pc })
            (NetDescription.Of(MacAddress.ForName("a"), generation).Features & Ever).ShouldBe(Ever);
        (NetDescription.Of(MacAddress.ForName("a"), GuestGeneration.Linux2625).Features & Ever).ShouldBe(0u);
    }
}
