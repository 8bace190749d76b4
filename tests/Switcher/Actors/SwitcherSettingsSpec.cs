// What the Switcher does where nobody has said anything: the figures that SPECIFICATION.md promises.
using Akka.Configuration;
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using Lguest.Switcher.Actors;

namespace Lguest.Switcher.Tests.Actors;

public sealed class SwitcherSettingsSpec
{
    [Fact]
    public void The_reference_configuration_has_the_promised_defaults()
    {
        var settings = SwitcherSettings.From(SwitcherSettings.Reference(4));
        SwitcherSettings promised = new(TimeSpan.FromMilliseconds(2), 20_000, 4096, "lguest.guest-cpu-dispatcher",
            "lguest.switcher-dispatcher", EngineKind.Auto);
        settings.ShouldBe(promised with { Translator = new TranslatorSettings() });
        SwitcherSettings.Reference(4).GetInt("lguest.guest-cpu-dispatcher.threads").ShouldBe(3);
        SwitcherSettings.Reference(1).GetInt("lguest.guest-cpu-dispatcher.threads").ShouldBe(1);
        SwitcherSettings.Reference(4).GetInt("lguest.switcher-dispatcher.threads").ShouldBe(4);
        SwitcherSettings.Reference(1).GetInt("lguest.switcher-dispatcher.threads").ShouldBe(2);
        SwitcherSettings.Reference(4).GetTimeSpan("lguest.guest-cpu-dispatcher.throughput-deadline-time").ShouldBe(settings.Slice);
        SwitcherSettings.Reference(4).GetString("lguest.guest-cpu-dispatcher.type").ShouldBe(
            "Lguest.Switcher.Actors.CpuDispatcherConfigurator, Lguest.Switcher");
    }

    [Theory]
    [InlineData("1M", 1u << 20)]
    [InlineData("4M", 4u << 20)]
    [InlineData("256M", 256u << 20)]
    public void The_room_for_code_is_as_the_file_says(string text, uint bytes) =>
        SwitcherSettings.From(With(text)).Translator!.CodeBytes.ShouldBe(bytes);

    [Theory]
    [InlineData("1023K")]
    [InlineData("257M")]
    [InlineData("5G")]
    public void Room_for_code_that_is_too_small_or_too_large_is_refused(string text) =>
        Should.Throw<ConfigurationException>(() => SwitcherSettings.From(With(text))).Message.ShouldContain("code-cache");

    private static Config With(string codeCache) =>
        ConfigurationFactory.ParseString($"lguest.switcher.code-cache = {codeCache}").WithFallback(SwitcherSettings.Reference(4));
}
