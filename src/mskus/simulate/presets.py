"""Known muscles and scanners: the reference recording of the house."""

from __future__ import annotations

from mskus.simulate.curve import Curve
from mskus.simulate.muscle import Bundle, MuscleAnatomy
from mskus.simulate.scanner import Scanner


def gastrocnemius() -> MuscleAnatomy:
    """A healthy adult's gastrocnemius medialis above the soleus, at rest 18 mm thick with 20 deg pennation.

    Architecture after Maganaris, Baltzopoulos & Sargeant (1998), J Physiol 512:603-614.
    """
    return MuscleAnatomy(
        superficial=Curve(centre_x_mm=25, depth_mm=5.2, angle_deg=-1.5, bow_mm=-0.25, ripples=((0.08, 23.0, 0.6),)),
        deep=Curve(centre_x_mm=25, depth_mm=23.0, angle_deg=1.0, bow_mm=0.45, ripples=((0.12, 31.0, 1.1),)),
        direction=1, fascicle_angle_deg=18.5, bend_deg=-3.0, fan_deg=1.5,
        shear_mm=18.0, thickening=0.03, deep_rotation_deg=0.8,
        superficial_thickness_mm=0.9, deep_thickness_mm=0.8, superficial_db=27.0, deep_db=25.0,
        double_superficial=True, skin_mm=1.3, fat_db=-1.0, fat_lines_db=4.0,
        septa=((0.35, 16.0, 0.22), (0.72, 18.0, 0.3)),
        bundle=Bundle(
            spacing_mm=1.15, length_mm=11.0, brightness_db=15.0, brightness_sd_db=4.0, wave_deg=0.7, texture_db=4.0,
            thickness_mm=0.22, cloud_db=2.0,
        ),
        below_db=-4.0, below_angle_deg=-12.0,
        below_bundle=Bundle(
            spacing_mm=1.8, length_mm=8.0, brightness_db=11.0, brightness_sd_db=3.5, texture_db=3.0, cloud_db=2.5
        ),
        others=((Curve(centre_x_mm=25, depth_mm=36.0, angle_deg=-2.0, bow_mm=0.4), 0.6, 17.0),),
        breaks=0.06, halo_db=13.0, halo_mm=0.6,
    )  # fmt: skip


def reference_scanner() -> Scanner:
    """A good linear probe at 10 MHz, 50 x 40 mm, square pixels of 1/12 mm."""
    return Scanner(
        width_mm=50.0, depth_mm=40.0, size_px=(480, 600), frequency_mhz=10.0, pulse_cycles=2.2, f_number=2.6,
        focus_mm=18.0, looks_deg=(-5.0, 5.0), dynamic_range_db=54.0, grey_level=0.27, gamma=1.0,
        gain_db=(1.0, 1.5, 0.5, -1.0, -4.0), noise_db=-16.0, line_gain_db=0.3, smoothing_px=0.6,
    )  # fmt: skip
